import type { Users } from "../accounts/users.ts";
import type { CaptchaGate } from "../captcha/captcha-gate.ts";
import type { CodeOf } from "../codes/code.ts";
import { deviceOfAccount } from "../codes/code-client.ts";
import { createEmailChannel } from "../codes/email-channel.ts";
import { createVerifications, type VerificationDeps, type Verifications } from "../codes/verification.ts";
import type { Config } from "../config/config.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";

interface Parts extends Pick<VerificationDeps, "db" | "kv" | "clock" | "log" | "secretKeys"> {
  readonly codeOf: CodeOf;
  readonly captchaGate: CaptchaGate;
  readonly jobs: Jobs;
  readonly users: Pick<Users, "byEmail">;
  readonly devices: Pick<KnownDevices, "find">;
}

/** Codes by e-mail, for a server and for a command that has one sent. */
export function openMailCodes(config: Config, parts: Parts): Verifications {
  const { captchaGate, jobs, clock, users, devices } = parts;
  return createVerifications({
    ...{ ...config, ...parts },
    channel: createEmailChannel({ ...config, captchaGate, jobs, clock }),
    deviceOf: async (email, asker) => deviceOfAccount(devices, await users.byEmail(email), asker),
  });
}
