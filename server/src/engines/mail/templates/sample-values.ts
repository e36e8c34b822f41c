import { addressBelow } from "../../../kernel/public-address.ts";
import type { MailKind, MailValues } from "./mail-values.ts";

/** Values to show every kind of mail with: of nobody, and the code opens nothing. `at` in epoch milliseconds. */
export function sampleValues(siteUrl: string, at: number): { readonly [Kind in MailKind]: MailValues[Kind] } {
  const code = { code: "A7K9Q2", expiresInSeconds: 180 };
  const notice = { siteUrl, username: "zhangsan", at, disownToken: "none" };
  return {
    register: code,
    resetpwd: code,
    bindAccount: code,
    changeEmail: code,
    signIn: code,
    stepUp: { ...code, action: "bindings" },
    account_exists: { siteUrl },
    no_account: { siteUrl, mayRegister: true },
    sign_in_refused: { siteUrl, reason: "no_account" },
    password_changed: notice,
    email_changed: notice,
    email_added: notice,
    username_changed: notice,
    mobile_lost: notice,
    number_leave_asked: {
      ...{ ...notice, device: "Chrome/Windows", network: "203.0.113" },
      dueAt: at + 7 * 24 * 3600 * 1000,
    },
    number_leave_cancelled: notice,
    number_left: notice,
    number_added: notice,
    number_changed: notice,
    number_removed: notice,
    account_joined: { ...notice, nickname: "user20457193" },
    binding_added: { ...notice, provider: "Example", nickname: "三哥" },
    binding_removed: { ...notice, provider: "Example" },
    invitation: { siteUrl, link: addressBelow(siteUrl, "/register"), expiresAt: at + 7 * 24 * 3600 * 1000 },
    confirm_email: {
      ...{ siteUrl, link: addressBelow(siteUrl, "/success_verify_email.html?token=none") },
      expiresAt: at + 24 * 3600 * 1000,
    },
    account_made: { siteUrl, link: addressBelow(siteUrl, "/forgot-password"), username: "zhangsan" },
    second_factor_added: notice,
    second_factor_removed: notice,
    recovery_code_used: notice,
    recovery_codes_low: notice,
    recovery_codes_renewed: notice,
    second_factor_stopped: {
      ...{ ...notice, device: "Chrome/Windows", network: "203.0.113" },
      firstStep: "password",
    },
    lost_factor_asked: {
      ...{ ...notice, device: "Chrome/Windows", network: "203.0.113", cancelToken: "none" },
      ...{ ripeAt: at + 24 * 3600 * 1000, lapsesAt: at + 8 * 24 * 3600 * 1000 },
    },
    lost_factor_cancelled: { ...notice, cancelledBy: "link" },
    passkey_added: notice,
    authenticator_changed: notice,
    passkey_removed: notice,
    data_export_asked: notice,
    data_export_ready: { ...notice, expiresAt: at + 7 * 24 * 3600 * 1000 },
    deletion_asked: { ...notice, dueAt: at + 7 * 24 * 3600 * 1000 },
    deletion_cancelled: notice,
    impersonation_begun: { ...notice, dueAt: at + 30 * 60 * 1000 },
    account_deleted: notice,
    new_device: { ...notice, device: "Chrome/Windows", network: "203.0.113" },
    session_replayed: { ...notice, device: "Chrome/Windows", network: "203.0.113" },
  };
}
