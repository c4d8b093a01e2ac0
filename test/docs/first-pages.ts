/** What a new user reads first: its commands are run by every `npm test`, and what they come to is asserted. */
export const FIRST_PAGES: readonly string[] = ['README.md', 'docs/guide.md'];
