/**
 * Every mail the system sends, by kind, in Chinese and English, each with a text and an HTML part.
 */
export interface MailValues {
  register: CodeValues;
  resetpwd: CodeValues;
  bindAccount: CodeValues;
  changeEmail: CodeValues;
  /** A register code was asked for an address that has an account. */
  account_exists: SiteValues;
  /** A resetpwd code was asked for an address without an account. */
  no_account: SiteValues;
  password_changed: NoticeValues;
  email_changed: NoticeValues;
  binding_added: BindingValues;
  binding_removed: BindingValues;
}

export type MailKind = keyof MailValues;

export interface CodeValues {
  readonly code: string;
  readonly expiresInSeconds: number;
}

export interface SiteValues {
  /** PUBLIC_SITE_URL. */
  readonly siteUrl: string;
}

export interface NoticeValues extends SiteValues {
  readonly username: string;
  /** When it happened, epoch milliseconds; shown in China Standard Time. */
  readonly at: number;
}

export interface BindingValues extends NoticeValues {
  /** The provider as people call it: QQ, 微博, GitHub. */
  readonly provider: string;
  /** The nickname at the provider: anything a stranger chose to type. */
  readonly nickname?: string;
}
