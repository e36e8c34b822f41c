import type { AccountsSettings } from "../accounts/settings.ts";
import { type AdmissionDeps, createAdmission } from "../admission/admission.ts";
import { createEmailDomains, type EmailDomainProblem, throwawayDomains } from "../admission/email-domains.ts";
import { createInvitations, type InvitationDeps } from "../admission/invitations.ts";
import type { AdmissionSettings } from "../admission/settings.ts";
import type { SiteSignUp } from "../site/site.ts";

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

/** Who may sign up, and with what, as the site's pages are told. */
export function signUpOf(config: AdmissionSettings & AccountsSettings): SiteSignUp {
  const { extraFields, termsVersions } = config;
  const own = extraFields.filter(({ write, read }) => write.includes("user") && read.includes("user"));
  return {
    mode: config.signUpMode,
    username: config.usernameAskedLater ? "later" : config.usernameOptional ? "optional" : "required",
    fields: own.map(({ read: _read, write: _write, ...shown }) => shown),
    terms: termsVersions,
  };
}
