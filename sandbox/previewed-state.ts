import type { ErrorCode } from "../server/src/errors/error-codes.ts";
import type { FieldProblem } from "../server/src/errors/errors.ts";
import type { TextValues } from "../server/src/errors/fill-text.ts";
import type { SiteSignUp } from "../server/src/site/site-sign-up.ts";

/** A state that a page of the site can be in, and how it is reached in the preview. */
export interface PageState {
  /** In addresses, and of its pictures. */
  readonly name: string;
  /** Of the page, with query and fragment. */
  readonly path: string;
  /** What shows that it is reached. */
  readonly shows: string;
  /** What is done on the page until it is: a value goes into a field, without one it is pressed. */
  readonly acts?: readonly (readonly [selector: string, value?: string])[];
  readonly answers?: Answers;
  readonly isLoggedIn?: boolean;
  /** What the tab remembers. */
  readonly remembers?: Readonly<Record<string, unknown>>;
  /** Where it differs from the site's settings. */
  readonly signUp?: Partial<SiteSignUp>;
  readonly sms?: boolean;
  /** Whether the address has passkeys, which that of the preview has not always. */
  readonly passkeys?: boolean;
}

/** By `GET /user/`. */
export type Answers = Readonly<Record<string, CannedAnswer>>;

export type CannedAnswer =
  | { readonly body: object }
  | {
      readonly error: ErrorCode;
      readonly parameters?: TextValues;
      readonly fields?: readonly FieldProblem[];
      readonly retryAfterSeconds?: number;
      readonly answer?: Readonly<Record<string, unknown>>;
    };
