import { filesOf, loading } from "./loaded-files.ts";

/**
 * Which tests run once more on PostgreSQL and Redis: those that ask for the pair of the run, as whatever starts the
 * application does. Others do the same in every run; some of them go over both pairs by themselves.
 */
const rooms = "server/test/{api,conformance,property,race}/**/*.test.ts";

/** Paths from the root, with `/`, in the order of their names. */
export function pairTests(): string[] {
  return filesOf([rooms]).filter(loading(new Set(["server/test/support/chosen-pair.ts"])));
}

/**
 * Which of them run on PostgreSQL alone as well: the races about SMS, captchas, picture codes, tickets and the limits in front of
 * them, log-ins by password and by code among them. What they count and use up is in the store, which PostgreSQL is where there is no Redis.
 */
export function storeRaces(): string[] {
  const about =
    /\/(sms|captcha|classic-(picture|tickets)|mobile|number|wider|log-in-waits|login-limit|code-(tries|log-in)|stale-numbers)[^/]*\.race\.test\.ts$/;
  return pairTests().filter((file) => about.test(file));
}
