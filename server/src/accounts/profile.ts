import type { Static } from "typebox";
import type { CurrentUser } from "../http/authentication.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";
import type { AgeDeclarations } from "./age-declarations.ts";
import { type Consents, consentDocuments } from "./consents.ts";
import type { ExtraFields } from "./extra-fields.ts";
import { isMobileProved } from "./mobile.ts";
import { shownNickname } from "./nickname.ts";

/** An account as its owner sees it. The original's keys come first, under its names. */
export const Profile = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  mobile: Type.Union([Type.String(), Type.Null()]),
  email: Type.Union([Type.String(), Type.Null()]),
  email_active: Type.Boolean(),
  /** Whether a code sent to the number came back. */
  mobile_verified: Type.Boolean(),
  first_name: Type.String(),
  last_name: Type.String(),
  is_staff: Type.Boolean(),
  is_superuser: Type.Boolean(),
  /** The owner's choice, else the nickname at the third party that was bound first. */
  nickname: Type.Union([Type.String(), Type.Null()]),
  /** The picture that the owner chose; else the one at that third party, as the site serves it; null for initials. */
  avatar_url: Type.Union([Type.String(), Type.Null()]),
  /** Whether nobody chose the user name, and the owner is to be asked; absent where the site asks nobody. */
  username_due: Type.Optional(Type.Boolean()),
  /** Of SIGN_UP_FIELDS; absent where the site declares none. */
  fields: Type.Optional(Type.Record(Type.String(), Type.Any())),
  /** From when a log-in can only set up a second factor; absent where nothing is demanded. */
  second_factor_due: Type.Optional(Type.String()),
  /** What the owner has yet to agree to; absent where the site keeps no versions. */
  terms_due: Type.Optional(
    Type.Array(Type.Object({ document: Type.Enum(consentDocuments), version: Type.String() })),
  ),
  /** Whether the owner has yet to say something of their age; absent where the site doesn't ask. */
  age_due: Type.Optional(Type.Boolean()),
});

/** An account with what the site keeps beside it. */
export interface Profiles {
  /** Whether the record is all there is of the account: then nothing is asked of the database. */
  isPlain(user: CurrentUser): boolean;
  of(user: CurrentUser): Promise<Static<typeof Profile>>;
  /** What the record alone says. */
  plain(user: CurrentUser): Static<typeof Profile>;
}

/** Where the account's picture is had; null where it shows none. */
export type AvatarUrl = (user: Pick<CurrentUser, "avatar" | "provider_avatar">) => string | null;

/** From when the account must have a second factor (factors/second-factor-policy.ts). */
export interface DueOf {
  /** Without waiting: false where there is nothing to ask. */
  isMet(user: CurrentUser): boolean;
  /** Epoch milliseconds; null where nothing is demanded. */
  dueAt(user: CurrentUser): Promise<number | null>;
}

export function createProfiles({
  extraFields,
  consents,
  ageDeclarations,
  avatarUrl,
  usernameAskedLater,
  secondFactorDue,
  blankForNone = false,
}: {
  readonly extraFields: ExtraFields;
  readonly consents: Consents;
  readonly ageDeclarations: Pick<AgeDeclarations, "isAsked" | "of">;
  readonly avatarUrl: AvatarUrl;
  readonly usernameAskedLater: boolean;
  readonly secondFactorDue: DueOf;
  /** Whether who has no address or number has an empty one, as the classic pages read them. */
  readonly blankForNone?: boolean;
}): Profiles {
  const hasFields = extraFields.declared.length > 0;
  const plain = (user: CurrentUser) => ({
    ...profileOf(user, avatarUrl),
    ...(blankForNone ? { mobile: user.mobile ?? "", email: readableEmail(user.email ?? "") } : {}),
    ...(usernameAskedLater ? { username_due: user.username_due === 1 } : {}),
  });
  async function due(user: CurrentUser): Promise<{ second_factor_due?: string }> {
    const at = secondFactorDue.isMet(user) ? await secondFactorDue.dueAt(user) : null;
    return at === null ? {} : { second_factor_due: new Date(at).toISOString() };
  }
  return {
    isPlain: (user) =>
      !hasFields && !consents.isAsked && !ageDeclarations.isAsked && !secondFactorDue.isMet(user),
    plain,
    of: async (user) => ({
      ...plain(user),
      ...(await due(user)),
      ...(hasFields ? { fields: await extraFields.of(user.id, "user") } : {}),
      ...(consents.isAsked ? { terms_due: [...(await consents.due(user.id))] } : {}),
      ...(ageDeclarations.isAsked ? { age_due: (await ageDeclarations.of(user.id)) === null } : {}),
    }),
  };
}

function profileOf(user: CurrentUser, avatarUrl: AvatarUrl): Static<typeof Profile> {
  return {
    id: user.id,
    username: readableEmail(user.username),
    mobile: user.mobile,
    email: user.email === null ? null : readableEmail(user.email),
    email_active: user.email_verified === 1,
    mobile_verified: isMobileProved(user),
    first_name: user.first_name,
    last_name: user.last_name,
    is_staff: user.is_staff === 1,
    is_superuser: user.is_superuser === 1,
    nickname: shownNickname(user),
    avatar_url: avatarUrl(user),
  };
}
