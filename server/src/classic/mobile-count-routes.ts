import { isMobileProved, mobile } from "../accounts/mobile.ts";
import type { User } from "../accounts/record.ts";
import type { StaleNumbers } from "../accounts/stale-numbers.ts";
import type { Users } from "../accounts/users.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { NameChecks } from "../sign-in/name-checks.ts";

export interface MobileCountDeps {
  readonly users: Pick<Users, "byLoginName" | "isErased">;
  readonly staleNumbers: Pick<StaleNumbers, "isOld">;
  readonly nameChecks: NameChecks;
}

/**
 * GET /mobiles/<mobile>/count/: whether somebody can still sign up with the number. One that an account merely claims is free:
 * who proves it gets it (accounts/proved-number.ts), and so is one that nobody used for so long that it may be somebody else's
 * (accounts/stale-numbers.ts): these pages let nobody go on with a number that counts. Bounded for each network, as the other two counts.
 */
export function mobileCountRoutes(api: Api, { users, staleNumbers, nameChecks }: MobileCountDeps): void {
  const isKept = (holder: User, given: string) =>
    holder.mobile === given && isMobileProved(holder)
      ? !staleNumbers.isOld(holder)
      : holder.mobile !== given || holder.username === given;

  api.route({
    method: "GET",
    url: "/mobiles/:mobile/count/",
    config: { auth: "optional" },
    schema: {
      summary: "Whether a mobile number is taken",
      tags: ["classic"],
      params: Type.Object({ mobile: Type.String(mobile.person()) }),
      response: { 200: Type.Object({ mobile: Type.String(), count: Type.Integer() }) },
    },
    async handler(request) {
      nameChecks.admit(request.ip);
      const { mobile: given } = request.params;
      const holder = await users.byLoginName(given);
      const isTaken = holder === null ? await users.isErased(given) : isKept(holder, given);
      return { mobile: given, count: isTaken ? 1 : 0 };
    },
  });
}
