import type { StepUpAction } from "../../../kernel/step-up-actions.ts";

/**
 * Every mail the system sends, by kind, in Chinese and English, each with a text and an HTML part.
 */
export interface MailValues {
  register: CodeValues;
  resetpwd: CodeValues;
  bindAccount: CodeValues;
  changeEmail: CodeValues;
  /** Of a log-in by a code, or a sign-up by one. */
  signIn: CodeValues;
  stepUp: StepUpValues;
  /** A register code was asked for an address that has an account. */
  account_exists: SiteValues;
  /** A resetpwd code was asked for an address without an account. */
  no_account: NoAccountValues;
  /** A signIn code was asked for an address where it would open and make no account. */
  sign_in_refused: SignInRefusedValues;
  password_changed: UndoValues;
  email_changed: UndoValues;
  /** An address that logs in was given to an account that none logged in to: to that address, too. */
  email_added: UndoValues;
  username_changed: UndoValues;
  mobile_lost: UndoValues;
  number_leave_asked: NumberLeaveValues;
  number_leave_cancelled: UndoValues;
  /** A lost number was taken from its account. */
  number_left: UndoValues;
  /** A number that logs in was given to an account without one, or proved there. */
  number_added: UndoValues;
  number_changed: UndoValues;
  number_removed: UndoValues;
  /** Another account went into the reader's. */
  account_joined: JoinedValues;
  binding_added: BindingValues;
  binding_removed: BindingValues;
  invitation: InvitationValues;
  account_made: AccountMadeValues;
  /** An address that its owner gave without a code. */
  confirm_email: InvitationValues;
  /** A refresh token that had been replaced was shown: somebody has a copy. */
  session_replayed: NewDeviceValues;
  new_device: NewDeviceValues;
  second_factor_added: UndoValues;
  second_factor_removed: UndoValues;
  recovery_code_used: UndoValues;
  recovery_codes_low: UndoValues;
  recovery_codes_renewed: UndoValues;
  /** Somebody got past the first step of a log-in, and was stopped at the second. */
  second_factor_stopped: StoppedValues;
  lost_factor_asked: LostFactorValues;
  lost_factor_cancelled: LostFactorCancelledValues;
  passkey_added: UndoValues;
  passkey_removed: UndoValues;
  data_export_asked: UndoValues;
  data_export_ready: ExportReadyValues;
  deletion_asked: DeletionValues;
  deletion_cancelled: UndoValues;
  /** Somebody of the staff acts in the reader's place, until `dueAt` at the latest. */
  impersonation_begun: ImpersonationValues;
  account_deleted: NoticeValues;
  /** An authenticator app was added beside another factor, or took another's place. */
  authenticator_changed: UndoValues;
}

export type MailKind = keyof MailValues;

export interface CodeValues {
  readonly code: string;
  readonly expiresInSeconds: number;
}

export interface StepUpValues extends CodeValues {
  /** What the reader is about to do. */
  readonly action: StepUpAction;
}

export interface SiteValues {
  /** PUBLIC_SITE_URL. */
  readonly siteUrl: string;
}

/** `no_account`: none has the address, and none may be made; `unconfirmed`: its account never confirmed it. */
export type SignInRefusal = "no_account" | "unconfirmed";

export interface SignInRefusedValues extends SiteValues {
  readonly reason: SignInRefusal;
}

export interface NoAccountValues extends SiteValues {
  /** Whether the reader could make an account; where not, no link leads there. */
  readonly mayRegister: boolean;
}

export interface NoticeValues extends SiteValues {
  readonly username: string;
  /** When it happened, epoch milliseconds; shown in China Standard Time. */
  readonly at: number;
}

export interface ImpersonationValues extends NoticeValues {
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

export interface InvitationValues extends SiteValues {
  /** On the site, with what lets the reader in. */
  readonly link: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface AccountMadeValues extends SiteValues {
  readonly username: string;
  /** Where its password is set. */
  readonly link: string;
}

export interface JoinedValues extends UndoValues {
  /** The user name of the account that is gone. */
  readonly nickname?: string;
}

export interface BindingValues extends UndoValues {
  /** The provider as people call it: QQ, 微博, GitHub. */
  readonly provider: string;
  /** The nickname at the provider: anything a stranger chose to type. */
  readonly nickname?: string;
}

export interface SessionValues extends NoticeValues {
  /** Browser and system, `Chrome/Windows`; empty where nothing is known. */
  readonly device: string;
  /** The client's address, or the first half of it. */
  readonly network: string;
}

export interface UndoValues extends NoticeValues {
  /** For the link "this wasn't me"; empty where the reader gets none. */
  readonly disownToken: string;
}

export interface NewDeviceValues extends SessionValues, UndoValues {}

export interface NumberLeaveValues extends NewDeviceValues {
  /** From when on the number goes, epoch milliseconds. */
  readonly dueAt: number;
}

export interface StoppedValues extends NewDeviceValues {
  /** What was right: the password, or a third party that is bound. */
  readonly firstStep: "password" | "provider" | "code";
}

export interface LostFactorValues extends SessionValues {
  /** For the link that cancels it. */
  readonly cancelToken: string;
  /** From when until when it can be removed, epoch milliseconds. */
  readonly ripeAt: number;
  readonly lapsesAt: number;
}

export interface ExportReadyValues extends UndoValues {
  /** Until when it is kept, epoch milliseconds. */
  readonly expiresAt: number;
}

export interface DeletionValues extends UndoValues {
  /** From when on the account is erased, epoch milliseconds. */
  readonly dueAt: number;
}

export interface LostFactorCancelledValues extends UndoValues {
  readonly cancelledBy: "link" | "log_in" | "session" | "known_device";
}
