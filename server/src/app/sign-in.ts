import type { RememberedDevices } from "../devices/remembered-devices.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import type { Passkeys } from "../factors/passkeys.ts";
import type { SecondFactorPolicy } from "../factors/second-factor-policy.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import { type BindFirstLogInDeps, createBindFirstLogIn } from "../sign-in/bind-first-log-in.ts";
import { type CodeLogInDeps, createCodeLogIn } from "../sign-in/code-log-in.ts";
import { type CodeSignUpDeps, createCodeSignUp } from "../sign-in/code-sign-up.ts";
import { createDoor, type DoorDeps } from "../sign-in/complete.ts";
import { createDeletionGate } from "../sign-in/deletion-gate.ts";
import { createProveFactor } from "../sign-in/factor-proof.ts";
import { createForcedEnrolment } from "../sign-in/forced-enrolment.ts";
import { createKeepAccount, type KeepAccountDeps } from "../sign-in/keep-account.ts";
import { createLogIn, type LogInDeps } from "../sign-in/log-in.ts";
import { createLostFactor, type LostFactorDeps } from "../sign-in/lost-factor.ts";
import { createShowOther, type OtherProofDeps } from "../sign-in/other-proof.ts";
import { createPasskeyLogIn, type PasskeyLogInDeps } from "../sign-in/passkey-log-in.ts";
import { createPasswordReset, type PasswordResetDeps } from "../sign-in/password-reset.ts";
import { createPendingSteps } from "../sign-in/pending-step.ts";
import { createProviderLogIn, type ProviderLogInDeps } from "../sign-in/provider-log-in.ts";
import { createSecondFactorGate } from "../sign-in/second-factor-gate.ts";
import { createSecondStep } from "../sign-in/second-step.ts";
import { createSignUp, type SignUpDeps } from "../sign-in/sign-up.ts";
import { createStoppedNotice } from "../sign-in/stopped-notice.ts";

/** Every way in, and the door they end at. */
export type SignInDeps = LogInDeps &
  Omit<DoorDeps, "gate" | "deletionGate" | "bindFirstLogIn"> &
  Pick<KeepAccountDeps, "deletions"> &
  SignUpDeps &
  PasswordResetDeps &
  CodeLogInDeps &
  CodeSignUpDeps &
  OtherProofDeps &
  ProviderLogInDeps &
  Omit<PasskeyLogInDeps, "passkeys"> &
  Omit<BindFirstLogInDeps, "logIn"> &
  Omit<LostFactorDeps, "pendingSteps"> & {
    readonly kv: KeyValue;
    readonly secondFactors: SecondFactors;
    readonly passkeys: Passkeys;
    readonly rememberedDevices: RememberedDevices;
    readonly secondFactorPolicy: SecondFactorPolicy;
    readonly publicSiteUrl: string;
  };

export function createSignIn(deps: SignInDeps) {
  const pendingSteps = createPendingSteps(deps);
  const factors = deps.secondFactors;
  const gate = createSecondFactorGate({ ...deps, factors, pendingSteps });
  const logIn = createLogIn(deps);
  const bindFirstLogIn = createBindFirstLogIn({ ...deps, logIn });
  const deletionGate = createDeletionGate({ ...deps, pendingSteps });
  const door = createDoor({ ...deps, gate, deletionGate, bindFirstLogIn });
  const proveFactor = createProveFactor({ ...deps, factors });
  const showOther = createShowOther({ ...deps, proveFactor });
  return {
    door,
    logIn,
    proveFactor,
    secondStep: createSecondStep({
      ...{ ...deps, proveFactor, pendingSteps, gate, door },
      stoppedNotice: createStoppedNotice(deps),
    }),
    keepAccount: createKeepAccount({ ...deps, pendingSteps, door }),
    forcedEnrolment: createForcedEnrolment({ ...deps, factors, pendingSteps, door }),
    passkeyLogIn: createPasskeyLogIn(deps),
    signUp: createSignUp(deps),
    codeLogIn: createCodeLogIn({ ...deps, showOther, codeSignUp: createCodeSignUp(deps) }),
    passwordReset: createPasswordReset({ ...deps, showOther }),
    providerLogIn: createProviderLogIn(deps),
    bindFirstLogIn,
    lostFactor: createLostFactor({ ...deps, pendingSteps }),
    /** For metrics: outcomes since the start. */
    stats: () => ({ byWay: door.stats(), ...logIn.stats() }),
  };
}
