import { type BindFirstLogInDeps, createBindFirstLogIn } from "../sign-in/bind-first-log-in.ts";
import { createDoor, type DoorDeps } from "../sign-in/complete.ts";
import { createLogIn, type LogInDeps } from "../sign-in/log-in.ts";
import { createPasswordReset, type PasswordResetDeps } from "../sign-in/password-reset.ts";
import { createProviderLogIn, type ProviderLogInDeps } from "../sign-in/provider-log-in.ts";
import { createSignUp, type SignUpDeps } from "../sign-in/sign-up.ts";

/** Every way in, and the door they end at. */
export type SignInDeps = LogInDeps &
  DoorDeps &
  SignUpDeps &
  PasswordResetDeps &
  ProviderLogInDeps &
  Omit<BindFirstLogInDeps, "logIn">;

export function createSignIn(deps: SignInDeps) {
  const door = createDoor(deps);
  const logIn = createLogIn(deps);
  return {
    door,
    logIn,
    signUp: createSignUp(deps),
    passwordReset: createPasswordReset(deps),
    providerLogIn: createProviderLogIn(deps),
    bindFirstLogIn: createBindFirstLogIn({ ...deps, logIn }),
    /** For metrics: outcomes since the start. */
    stats: () => ({ byWay: door.stats(), ...logIn.stats() }),
  };
}
