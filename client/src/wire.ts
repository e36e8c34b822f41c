/** What goes over the wire, field by field. */

/** What a verification code is for; a code for one purpose never works for another. */
export type EmailCodePurpose = "register" | "resetpwd" | "bindAccount";

export interface SignUpForm {
  /** 5-20 letters (any script), digits and `.` `+` `-` `_`. */
  readonly username: string;
  readonly password: string;
  readonly password2: string;
  readonly email: string;
  /** 6 characters, sent for `register`. */
  readonly email_code: string;
  /** The terms are accepted. */
  readonly allow: true;
}

export interface SignedUp {
  readonly id: number;
  readonly user_id: number;
  readonly username: string;
  readonly email: string;
  readonly token: string;
}

export interface LoggedIn {
  readonly token: string;
  readonly user_id: number;
  readonly username: string;
}

export interface PasswordResetForm {
  readonly email: string;
  readonly email_code: string;
  readonly password: string;
  readonly password2: string;
}

export interface CurrentUser {
  readonly id: number;
  readonly username: string;
  readonly mobile: string | null;
  readonly email: string | null;
  readonly email_active: boolean;
}

export interface AuthorizationAddress {
  readonly login_url: string;
}

export interface ThirdPartyProfile {
  readonly nickname: string;
  /** An https address at the provider's image host, or null. */
  readonly avatar: string | null;
}

export interface ThirdPartyBound {
  readonly user_id: number;
  readonly username: string;
  readonly token: string;
  /** Path on the site, checked by the server. */
  readonly next: string;
}

export interface ThirdPartyUnbound {
  /** Ticket for {@link BindForm} and {@link AccountForm}: single use, 10 minutes. */
  readonly bind_token: string;
  readonly access_token: string;
  readonly profile: ThirdPartyProfile;
  readonly next: string;
}

export type ThirdPartyAnswer = ThirdPartyBound | ThirdPartyUnbound;

export interface BindForm {
  readonly email: string;
  readonly password: string;
  /** Sent for `bindAccount`. */
  readonly email_code: string;
  readonly bind_token: string;
}

export interface AccountForm {
  readonly username: string;
  readonly bind_token: string;
}

export interface Binding {
  readonly provider: string;
  readonly nickname?: string;
  readonly avatar?: string | null;
  readonly created_at?: string;
}
