import { Cluster, type Redis } from "ioredis";
import { within } from "../../kernel/within.ts";
import type { RedisClient } from "./redis-connection.ts";

/** More than enough for tens of masters; one that none of them falls to is only pinged. */
const candidates = 128;
/** Whether keys may lie on several servers. */
export const isCluster = (client: RedisClient): client is Cluster => client instanceof Cluster;

/** The slot of a key never changes. */
const slots = new Map<string, number>();

/**
 * Names that lie on each server which requests need: one on a single server; of a Cluster one on every master, because
 * any of them may have the next request's keys. Rejects where one of them doesn't answer.
 */
export async function keysOnEveryMaster(
  client: RedisClient,
  nameOf: (n: number) => string,
): Promise<string[]> {
  if (!isCluster(client)) return [nameOf(0)];
  let masters = mastersOf(client);
  if (masters === null) {
    // A node whose connection ended is forgotten until the slots are read again, also one that is back.
    const read = new Promise<void>((resolve) => client.refreshSlotsCache(() => resolve()));
    await within(500, read);
    masters = mastersOf(client);
  }
  if (masters === null) throw new Error("a master of the Redis Cluster is away");
  await Promise.all([...masters.values()].map((node) => node.ping()));
  const [anyMaster] = masters.values();
  const found = new Map<string, string>();
  for (let n = 0; n < candidates && found.size < masters.size; n++) {
    const name = nameOf(n);
    const owner = client.slots[await slotOf(anyMaster as Redis, name)]?.[0];
    if (owner !== undefined && !found.has(owner)) found.set(owner, name);
  }
  return [...found.values()];
}

async function slotOf(node: Redis, name: string): Promise<number> {
  const known = slots.get(name);
  if (known !== undefined) return known;
  const slot = await node.cluster("KEYSLOT", name);
  slots.set(name, slot);
  return slot;
}

/** The nodes of all slots by their addresses; null where one of them is not connected to, or none is known yet. */
function mastersOf(client: Cluster): Map<string, Redis> | null {
  const known = new Map(
    client.nodes("master").map((node) => [`${node.options.host}:${node.options.port}`, node]),
  );
  const masters = new Map<string, Redis>();
  // A slot lists its master first, then the replicas.
  for (const keys of client.slots) {
    const owner = keys?.[0] ?? "";
    const node = known.get(owner);
    if (!node) return null;
    masters.set(owner, node);
  }
  return masters.size > 0 ? masters : null;
}
