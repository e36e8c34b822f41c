import type { AccountsSettings } from "../accounts/settings.ts";
import { type Admission, type AdmissionDeps, createAdmission } from "../admission/admission.ts";
import type { Denials } from "../admission/denials.ts";
import { createEmailDomains, type EmailDomainProblem, throwawayDomains } from "../admission/email-domains.ts";
import { createInvitations, type InvitationDeps } from "../admission/invitations.ts";
import type { AdmissionSettings } from "../admission/settings.ts";
import type { SmsCountry } from "../codes/sms-countries.ts";
import type { SmsPurpose } from "../codes/sms-purposes.ts";
import type { AskedPurpose } from "../codes/verification.ts";
import { expectCodeWay } from "../sign-in/code-ways.ts";
import type { SignInSettings } from "../sign-in/settings.ts";
import type { SiteSignUp } from "../site/site-sign-up.ts";

/** Who may make an account of their own, and by whose invitation. */
type AdmissionParts = Omit<AdmissionDeps & InvitationDeps, "invitations">;

export function createAdmissionServices(deps: AdmissionParts) {
  const invitations = createInvitations(deps);
  return { invitations, admission: createAdmission({ ...deps, invitations }) };
}

/** What the site thinks of an address's domain. The list of throw-away ones is loaded only where it is asked for. */
export async function openEmailDomains(settings: AdmissionSettings): Promise<EmailDomainProblem> {
  return createEmailDomains({
    ...{ allowed: settings.allowedDomains, refused: settings.refusedDomains },
    throwaway: settings.refusesThrowaway ? await throwawayDomains() : null,
  });
}

/** And what staff think of the address, whose list goes first. */
export const withDenials =
  (ofDomains: EmailDomainProblem, { problemOf }: Pick<Denials, "problemOf">): EmailDomainProblem =>
  (email) =>
    problemOf(email) ?? ofDomains(email);

/**
 * Throws where the site sends no such code to the address. Of a log-in: nothing of who has an account, as the mail itself
 * says why there is none in it.
 */
export const mayAskOf =
  ({ codeSignIn }: SignInSettings, admission: Admission) =>
  (purpose: AskedPurpose, email: string): void => {
    // Beside a code by SMS to a stale number one by mail is the further proof.
    if (purpose === "signIn" && !codeSignIn.includes("sms")) expectCodeWay(codeSignIn, "email");
    if (purpose !== "signIn") admission.mayAskForCode(purpose, email);
  };

/** The same of codes by SMS; `changeMobile` is the account's own business. */
export const mayAskBySmsOf =
  ({ codeSignIn }: SignInSettings, admission: Admission) =>
  (purpose: SmsPurpose): void => {
    if (purpose === "signIn") expectCodeWay(codeSignIn, "sms");
    if (purpose === "register") admission.expectOpen("mobile");
  };

/** Who may sign up, and with what, as the site's pages are told. */
export function signUpOf(
  config: AdmissionSettings & AccountsSettings & SignInSettings,
  { sendsSms, countries }: { readonly sendsSms: boolean; readonly countries: readonly SmsCountry[] },
): SiteSignUp {
  const { extraFields, termsVersions } = config;
  const withSms = (kind: "email" | "mobile") => kind === "email" || sendsSms;
  const own = extraFields.filter(({ write, read }) => write.includes("user") && read.includes("user"));
  return {
    mode: config.signUpMode,
    username: config.usernameAskedLater ? "later" : config.usernameOptional ? "optional" : "required",
    by: config.signUpBy.filter(withSms),
    codeLogIn: config.codeSignIn.map((way) => (way === "sms" ? "mobile" : way)).filter(withSms),
    countries,
    fields: own.map(({ read: _read, write: _write, ...shown }) => shown),
    terms: termsVersions,
    choices: config.choiceVersions,
    age: config.ageGate,
  };
}
