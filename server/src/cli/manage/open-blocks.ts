import { createLimits } from "../../admin/administrator.ts";
import { type Blocks, createBlocks } from "../../admin/blocks.ts";
import { openKv } from "../../app/engines.ts";
import { createKnownDevices } from "../../devices/known-devices.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { createLog } from "../../kernel/log.ts";
import { createLogInLimits } from "../../sign-in/log-in-limits.ts";
import { createRefusals } from "../../sign-in/refusals.ts";
import type { ManageContext } from "../command/contexts.ts";

/** What has been used up of tries to log in, while the store of its counters is open. Errors: those of `work`. */
export async function withBlocks<Result>(
  context: ManageContext,
  work: (blocks: Blocks) => Promise<Result>,
): Promise<Result> {
  const { config, db, clock } = context;
  const log = createLog("silent");
  const { kv } = await openKv(config, db, clock, log);
  try {
    const isHttps = config.publicApiUrl.startsWith("https:");
    const blocks = createBlocks({
      ...context,
      limits: createLimits(context),
      refusals: createRefusals({ db, clock, log }),
      devices: createKnownDevices({ db, clock, secretKeys: secretKeysOf(config), isHttps }),
      logInLimits: createLogInLimits({ ...config, kv, log }),
    });
    return await work(blocks);
  } finally {
    await kv.close();
  }
}
