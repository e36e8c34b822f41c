import type { AgeSent } from "../accounts/age-declarations.ts";
import { declaredAges, guardianContactLength } from "../accounts/age-declarations.ts";
import Type from "../kernel/schema/schema.ts";

/** What a form of a new account may bring beyond its fields, by every way in; ignored where the site asks nothing of it. */
export const choiceFields = {
  age_declared: Type.Optional(Type.Enum(declaredAges)),
  guardian_contact: Type.Optional(Type.String({ maxLength: guardianContactLength, allowBlank: true })),
  marketing: Type.Optional(Type.Boolean()),
};

export interface SignUpChoices extends AgeSent {
  readonly marketing?: boolean | undefined;
}

/** What of a body they are. */
export function choicesIn(sent: Readonly<Record<string, unknown>>): SignUpChoices {
  const { age_declared, guardian_contact, marketing } = sent;
  return {
    ...(age_declared === undefined ? {} : { age_declared: age_declared as AgeSent["age_declared"] }),
    ...(guardian_contact === undefined ? {} : { guardian_contact: String(guardian_contact) }),
    ...(marketing === true ? { marketing } : {}),
  };
}
