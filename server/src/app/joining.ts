import type { ErasedNames } from "../accounts/erased-names.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import type { Api } from "../http/server.ts";
import { createExpectLeaver, type ExpectLeaverDeps } from "../joining/expect-leaver.ts";
import { createJoinTickets } from "../joining/join-tickets.ts";
import { type JoiningRoutesDeps, joiningRoutes } from "../joining/joining-routes.ts";
import { createJoins, type JoinsDeps } from "../joining/joins.ts";
import type { StepUp } from "../sign-in/step-up.ts";

/** Joining two accounts of one person: its routes, and who may ask. */
export function addJoining(
  api: Api,
  deps: Omit<JoinsDeps, "erasedNames"> &
    Omit<JoiningRoutesDeps, "joins" | "tickets" | "expectProof" | "expectLeaver"> &
    Omit<ExpectLeaverDeps, "expectProof" | "expectFactor"> & {
      readonly kv: KeyValue;
      readonly erasedNames: ErasedNames;
      readonly stepUp: Pick<StepUp, "expectProofOrPassword" | "expectFactor">;
    },
): void {
  const { expectProofOrPassword: expectProof, expectFactor } = deps.stepUp;
  joiningRoutes(api, {
    ...deps,
    joins: createJoins(deps),
    tickets: createJoinTickets(deps),
    expectProof,
    expectLeaver: createExpectLeaver({ ...deps, expectProof, expectFactor }),
  });
}
