/** What a new account is asked beyond its fields: about age, and whether it wants news. Nothing is ticked beforehand. */
import { siteConfig } from "../api.ts";

export const choiceValues = { age_declared: "", guardian_contact: "", marketing: false };
export type ChoiceValues = typeof choiceValues;

export function ageGate(): "off" | "guardian" | "refuse" {
  return siteConfig().signUp.age;
}

/** Whether the site asks about news; then the version that is agreed to. */
export function marketingVersion(): string | null {
  return siteConfig().signUp.choices.marketing ?? null;
}

type Check = (values: ChoiceValues) => string | null;

export const choiceChecks: { readonly age_declared: Check; readonly guardian_contact: Check } = {
  age_declared: ({ age_declared }) => (ageGate() !== "off" && age_declared === "" ? "check.age" : null),
  guardian_contact: ({ age_declared, guardian_contact }) =>
    age_declared === "guardian_agrees" && guardian_contact.trim() === "" ? "check.required" : null,
};

/** For a request's body; nothing where the site doesn't ask. */
export function choiceBody({ age_declared, guardian_contact, marketing }: ChoiceValues): {
  age_declared?: "14_or_older" | "guardian_agrees";
  guardian_contact?: string;
  marketing?: boolean;
} {
  const age = ageGate() === "off" || age_declared === "" ? null : (age_declared as "14_or_older");
  return {
    ...(age === null ? {} : { age_declared: age }),
    ...(age_declared === "guardian_agrees" ? { guardian_contact: guardian_contact.trim() } : {}),
    ...(marketing && marketingVersion() !== null ? { marketing } : {}),
  };
}
