import { cores, measure, measureLatency } from "./measure.ts";
import type { Field } from "./rounds.ts";
import { logInConnections } from "./subjects.ts";

/**
 * How long people wait under load: requests at scheduled times, at rates well below what a core serves, so that they
 * compare from version to version. At its limit a server's queue only grows.
 */
interface Wait {
  readonly id: string;
  readonly label: string;
  readonly subject: "count" | "user" | "code" | "login";
  readonly perSecond: number;
  /** Log-ins ask without a pause meanwhile. */
  readonly amongLogIns?: true;
}

const waits: readonly Wait[] = [
  { id: "wait-count", label: "user-name count", subject: "count", perSecond: 1000 },
  { id: "wait-user", label: "/user/ with a token", subject: "user", perSecond: 1000 },
  { id: "wait-code", label: "code request", subject: "code", perSecond: 300 },
  { id: "wait-login", label: "log-in (argon2id 19 MiB, t=2)", subject: "login", perSecond: 10 },
  { id: "wait-count-idle", label: "user-name count, nothing beside it", subject: "count", perSecond: 200 },
  {
    ...{ id: "wait-count-busy", label: "user-name count while log-ins saturate" },
    ...{ subject: "count", perSecond: 200, amongLogIns: true },
  },
];

/** Of the API alone, on one core. */
export async function measureWaits(field: Field, progress: (label: string) => void): Promise<void> {
  const { stand, servers, options, add } = field;
  const requestsOf = (id: Wait["subject"]) => field.subjects.find((subject) => subject.id === id)!;
  for (const { id, label, perSecond, ...wait } of waits) {
    progress(`${label}, ${perSecond} a second`);
    const on = { server: servers.api, stand, core: cores.generator };
    // As many seconds as give its 99th percentile some requests above it.
    const seconds = Math.max(options.seconds, 1000 / perSecond, 3);
    const logIns = { ...requestsOf("login"), connections: logInConnections };
    const beside = wait.amongLogIns ? measure({ ...on, subject: logIns, seconds: seconds + 2 }) : null;
    // A failure is awaited below, and must not end the process before.
    beside?.catch(() => {});
    if (beside) await new Promise((resolve) => setTimeout(resolve, 1000));
    const sample = await measureLatency({ ...on, subject: requestsOf(wait.subject), seconds }, perSecond);
    // While log-ins are served the process's CPU is theirs.
    add({ id, label }, wait.amongLogIns ? { ...sample, cpuMicros: null } : sample);
    await beside;
  }
}
