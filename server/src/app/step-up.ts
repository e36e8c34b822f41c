import type { OwnerOf } from "../accounts/expect-owner.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { createReauthentication, type ReauthenticationDeps } from "../sign-in/reauthentication.ts";
import { createStepUp, type StepUpDeps } from "../sign-in/step-up.ts";
import { createStepUpMethods, type StepUpMethodsDeps } from "../sign-in/step-up-methods.ts";
import { createStepUpProofs } from "../sign-in/step-up-proofs.ts";

type Deps = Omit<StepUpDeps & ReauthenticationDeps & StepUpMethodsDeps, "proofs" | "methodsOf" | "stepUp"> & {
  readonly kv: KeyValue;
};

/** Who is asked to prove themselves again, and how they do. */
export function createStepUpParts(deps: Deps) {
  const proofs = createStepUpProofs(deps);
  const methodsOf = createStepUpMethods(deps);
  const stepUp = createStepUp({ ...deps, proofs, methodsOf });
  const ownerOf: OwnerOf = (caller, call) => (password) => stepUp.expectOwner(caller, { ...call, password });
  return {
    ...{ stepUp, ownerOf, proofLifeSeconds: proofs.proofLifeSeconds },
    reauthentication: createReauthentication({ ...deps, proofs, methodsOf, stepUp }),
  };
}
