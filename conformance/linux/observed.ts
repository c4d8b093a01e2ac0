/** What an answer says, by name: of the recording, or of the model. */
export type Observed = Readonly<Record<string, string | number>>;
