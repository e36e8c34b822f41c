/** What pages know of sign-up. The API decides, whatever a page offers. */
export interface SiteSignUp {
  readonly mode: "open" | "invitation" | "closed";
  readonly username: "required" | "optional" | "later";
  /** What is proved to sign up. */
  readonly by: readonly ("email" | "mobile")[];
  /** By what a code logs in; empty where it doesn't. */
  readonly codeLogIn: readonly ("email" | "mobile")[];
  /** Whose numbers are taken, the first one where nothing else is chosen: `country` of ISO 3166-1, `callingCode` without "+". */
  readonly countries: readonly { readonly country: string; readonly callingCode: string }[];
  /** What else is asked for. */
  readonly fields: readonly object[];
  /** The versions of terms that people agree to, by document. */
  readonly terms: object;
  /** The versions of what may be agreed to or not, by purpose. */
  readonly choices: object;
  /** Whether people are asked for their age, and what becomes of children. */
  readonly age: "off" | "guardian" | "refuse";
}

/** Of a site that is told nothing else. */
export const defaultSignUp: SiteSignUp = {
  ...{ mode: "open", username: "required", by: ["email"], codeLogIn: [], fields: [], terms: {} },
  countries: [{ country: "CN", callingCode: "86" }],
  ...{ choices: {}, age: "off" },
};
