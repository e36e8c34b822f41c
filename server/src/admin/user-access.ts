import type { Disabling } from "../accounts/disabled-rows.ts";
import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import { codeStateOf } from "../codes/code-state.ts";
import type { CodesSettings } from "../codes/settings.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Refusals } from "../sign-in/refusals.ts";
import { type KeptOutDeps, keptOut } from "./kept-out.ts";

/**
 * By what an account is opened, and why it may not be: what staff look at when somebody can't log in. Reads, and changes and
 * counts nothing. Never a code, secret or whole network. `manage user why` says the same of a name without an account, too.
 */
export const accessFindings = [
  ...(["disabled", "deletion_pending", "no_password", "no_way_in", "second_factor"] as const),
  ...(["no_address", "address_unconfirmed", "throttled_strangers", "throttled_device"] as const),
  "codes_throttled",
] as const;
export type AccessFinding = (typeof accessFindings)[number];

export interface UserAccessDeps extends Pick<CodesSettings, "codesPerHour" | "codesPerDay">, KeptOutDeps {
  readonly users: Pick<Users, "byId">;
  readonly disabled: (id: number) => Promise<Disabling | null>;
  readonly passwords: Pick<Passwords, "isUsable">;
  readonly bindings: Pick<Bindings, "list">;
  readonly secondFactors: Pick<SecondFactors, "statusOf">;
  readonly refusals: Pick<Refusals, "list">;
  readonly kv: KeyValue;
  readonly secretKey: string;
}

export type UserAccess = ReturnType<typeof createUserAccess>;

export function createUserAccess(deps: UserAccessDeps) {
  return {
    /** Error: `not_found`. */
    async of(id: number) {
      const user = await deps.users.byId(id);
      if (user === null) throw new AppError("not_found");
      const [bindings, factor, refusals] = await Promise.all([
        deps.bindings.list(id),
        deps.secondFactors.statusOf(id),
        deps.refusals.list(id),
      ]);
      const hasPassword = deps.passwords.isUsable(user.password_hash);
      const codes = user.email === null ? null : await codeStateOf(deps, user.email);
      const findings: AccessFinding[] = [
        ...(user.is_active === 0 ? (["disabled"] as const) : []),
        ...(user.deletion_due_at == null ? [] : (["deletion_pending"] as const)),
        ...(hasPassword ? [] : [bindings.length === 0 ? ("no_way_in" as const) : ("no_password" as const)]),
        ...(factor.enabled ? (["second_factor"] as const) : []),
        ...addressFindings(user),
        ...(await keptOut(deps, user)).map((who) => `throttled_${who}` as const),
        ...(codes?.isFull ? (["codes_throttled"] as const) : []),
      ];
      const disabling = user.is_active === 0 ? await deps.disabled(id) : null;
      return { hasPassword, bindings, factor, refusals, findings, disabling };
    },
  };
}

function addressFindings({ email, email_verified }: User): AccessFinding[] {
  if (email === null) return ["no_address"];
  return email_verified === 0 ? ["address_unconfirmed"] : [];
}
