/** What the user asked for does not exist or cannot be read. The message is one line that says what would do. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message.replaceAll(/\s*\n\s*/g, ' '));
    this.name = 'UsageError';
  }
}
