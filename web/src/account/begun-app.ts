/** An authenticator app that waits for its first code. */
export interface BegunApp {
  readonly secret: string;
  readonly uri: string;
  /** What it becomes then: the account's first second factor, another beside a passkey, or in place of the app before. */
  readonly becomes: "first" | "another" | "replacement";
}
