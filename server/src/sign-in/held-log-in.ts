import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import { AppError } from "../errors/errors.ts";
import Type from "../kernel/schema/schema.ts";
import type { PendingStep } from "./pending-step.ts";
import type { Proved } from "./proved.ts";

/** The step's name in a body. */
export const stepField = Type.String({ maxLength: 64, check: () => null });

/** The account that waits at the step, as it is now. Error: `second_factor_step_ended` where its credentials are others. */
export async function heldAccount(
  users: Pick<Users, "byId">,
  { userId, credentialsVersion }: PendingStep,
): Promise<User> {
  const account = await users.byId(userId);
  const isSame = account?.is_active === 1 && account.credentials_version === credentialsVersion;
  if (account === null || !isSame) throw new AppError("second_factor_step_ended");
  return account;
}

/** What its first factor proved, for the door to go on with. */
export function heldProof(account: User, { how, provider, binding }: PendingStep): Proved {
  return {
    ...{ account, how },
    ...(provider !== null && { provider }),
    ...(binding !== null && { binding }),
  };
}
