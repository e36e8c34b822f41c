import type { Users } from "../../accounts/users.ts";
import { nameKey } from "../../kernel/name-key.ts";

/**
 * Which jobs mail an address: those that name it, and those that tell the owner of its account something, wherever they
 * don't name another address.
 */
export async function mailsTo(
  address: string,
  users: Pick<Users, "byEmail">,
): Promise<(payload: unknown) => boolean> {
  const wanted = nameKey(address);
  const account = await users.byEmail(address);
  return (payload) => {
    const { email, to, userId } = (payload ?? {}) as Record<string, unknown>;
    const named = [email, to].filter((one) => typeof one === "string");
    if (named.length > 0) return named.some((one) => nameKey(one) === wanted);
    return account !== null && userId === account.id;
  };
}
