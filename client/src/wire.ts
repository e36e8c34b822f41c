/** What goes over the wire, field by field. */

/** What a verification code is for; a code for one purpose never works for another. */
export type EmailCodePurpose = "register" | "resetpwd" | "bindAccount" | "changeEmail";

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
  readonly first_name: string;
  readonly last_name: string;
  readonly is_staff: boolean;
  readonly is_superuser: boolean;
}

export interface ProfileChange {
  readonly first_name?: string;
  readonly last_name?: string;
  /** Null or empty removes it. */
  readonly mobile?: string | null;
  /** Needed for the mobile number, where the account has a password. */
  readonly current_password?: string;
}

export interface PasswordChange {
  readonly current_password?: string;
  readonly password: string;
  readonly password2: string;
}

export interface EmailChange {
  readonly email: string;
  readonly email_code: string;
  readonly current_password?: string;
}

export interface Provider {
  readonly name: string;
  readonly title: string;
  readonly login_type: number;
}

/** What a provider's callback brings in its query. */
export interface ProviderAnswer {
  readonly code: string;
  readonly state: string;
  /** OpenID Connect issuers send their address along. */
  readonly iss?: string;
}

export interface AuthorizationAddress {
  readonly login_url: string;
}

export interface ThirdPartyProfile {
  readonly nickname: string | null;
  /** An https address at the provider, or null. */
  readonly avatar: string | null;
  /** Only where the provider says that it is verified. */
  readonly email: string | null;
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
  readonly nickname: string | null;
  readonly avatar: string | null;
  /** ISO 8601. */
  readonly created_at: string;
  readonly last_login_at: string | null;
}
