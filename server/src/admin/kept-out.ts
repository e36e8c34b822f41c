import type { User } from "../accounts/record.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { createLogInLimits } from "../sign-in/log-in-limits.ts";

export interface KeptOutDeps {
  readonly devices: Pick<KnownDevices, "keysOf">;
  readonly logInLimits: Pick<ReturnType<typeof createLogInLimits>, "stateOf">;
}

/** Names by which the account's tries are counted, as its owner may type them. */
export const countedNames = ({ username, email, mobile }: Pick<User, "username" | "email" | "mobile">) =>
  [username, email, mobile].filter((name) => name !== null);

/** Whom too many tries keep out of the account now, by any of its names: strangers, a device that logged in before, or both. Counts nothing. */
export async function keptOut({ devices, logInLimits }: KeptOutDeps, user: User) {
  const keys = await devices.keysOf(user);
  const states = await Promise.all(countedNames(user).map((name) => logInLimits.stateOf(name, user, keys)));
  const full = states.flat().filter(({ limit, count }) => limit > 0 && count >= limit);
  return [...new Set(full.map(({ who }) => who))];
}
