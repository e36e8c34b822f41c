import { createCaptchaGate, type ShownCaptcha } from "../captcha/captcha-gate.ts";
import { openCaptcha } from "../captcha/open-captcha.ts";
import type { Config } from "../config/config.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { outgoingHttp } from "../engines/outgoing-http.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import type { Metrics } from "../observability/metrics.ts";

export interface CaptchaParts {
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Log;
  readonly secretKeys: SecretKeys;
  readonly metrics: Pick<Metrics, "captcha"> | null;
}

/** Who answers for people being people, and the gate that asks. */
export async function openCaptchaGate(config: Config, { kv, clock, log, secretKeys, metrics }: CaptchaParts) {
  const captcha = await openCaptcha({
    ...{ transport: config.captcha, clock, secretKeys, hosts: hostsOf(config) },
    http: () => outgoingHttp(config.outgoingProxy),
  });
  return {
    captchaGate: createCaptchaGate({ captcha, kv, log, onOutcome: metrics?.captcha }),
    /** Whether the gate asks the client, and does not let it wait instead. */
    canAnswer: ({ kinds }: Pick<ShownCaptcha, "kinds">) => captcha !== null && kinds.includes(captcha.kind),
    close: async () => captcha?.close(),
  };
}

/** Of the site, and of the front ends that may call the API. In development they are at any address of the machine. */
function hostsOf({ environment, publicSiteUrl, corsOrigins }: Config): readonly string[] | null {
  if (environment === "development") return null;
  return [publicSiteUrl, ...corsOrigins].map((address) => new URL(address).hostname);
}
