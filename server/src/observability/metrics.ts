import { createServer, type IncomingMessage, type Server } from "node:http";
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Database } from "../engines/database/database.ts";
import { type JobDefinition, type JobsAdmin, PermanentFailure } from "../engines/jobs/jobs.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import { SmsRefused, type SmsSender, smsRefusals } from "../engines/sms/sms.ts";
import { errorCodes } from "../errors/error-codes.ts";
import { AppError } from "../errors/errors.ts";
import { fillText } from "../errors/fill-text.ts";
import type { RequestHooks } from "./request-hooks.ts";

/**
 * Numbers for Prometheus, on a port of their own that no visitor reaches. Each part is measured from outside,
 * by wrapping its contract, so that without METRICS_PORT nothing costs anything. Labels are routes and names
 * of ours, never what a visitor sent: no address shows, and their number is bounded.
 */
export interface Metrics {
  readonly registry: Registry;
  kv(kv: KeyValue): KeyValue;
  mailer(mailer: Mailer): Mailer;
  sms(sender: SmsSender): SmsSender;
  /** A code by SMS that went out, or came back. */
  smsCode(country: string, purpose: string, stage: "sent" | "proved"): void;
  captcha(kind: string, outcome: string): void;
  definitions(definitions: readonly JobDefinition[]): JobDefinition[];
  /** Read when Prometheus asks. */
  observe(parts: {
    api: RequestHooks;
    db: Database;
    jobs: JobsAdmin;
    logIns: () => {
      readonly byWay: Readonly<Record<string, number>>;
      readonly refused: number;
      readonly throttled: number;
    };
    hashing: () => { running: number; waiting: number; refused: number; finished: number };
    load: () => { readonly held: number; readonly refused: number };
    /** Of events/, by name. */
    events: () => Readonly<Record<string, number>>;
    /** Deliveries by outcome. */
    webhooks: () => Readonly<Record<string, number>>;
    /** Endpoints by state. */
    webhookEndpoints: () => Promise<Readonly<Record<string, number>>>;
  }): void;
}

const fast = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const http = new Histogram({
    name: "meiduo_http_request_seconds",
    help: "Time to answer a request",
    labelNames: ["method", "route", "status"],
    buckets: fast,
    registers,
  });
  const kvSeconds = new Histogram({
    name: "meiduo_kv_operation_seconds",
    help: "Time of a key-value operation",
    labelNames: ["verb", "outcome"],
    buckets: fast,
    registers,
  });
  const jobSeconds = new Histogram({
    name: "meiduo_job_run_seconds",
    help: "Time of one run of a job",
    labelNames: ["job", "outcome"],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60],
    registers,
  });
  const mails = new Counter({
    name: "meiduo_mails_total",
    help: "Mails handed to the next hop, by outcome",
    labelNames: ["outcome"],
    registers,
  });

  const messages = new Counter({
    name: "meiduo_sms_total",
    help: "SMS handed to the vendor, by outcome: sent, failed, or why it refused them",
    labelNames: ["outcome"],
    registers,
  });
  const smsCodes = new Counter({
    name: "meiduo_sms_codes_total",
    help: "Codes by SMS that were sent, and that came back (proved), by country and purpose",
    labelNames: ["country", "purpose", "stage"],
    registers,
  });
  const captchas = new Counter({
    name: "meiduo_captcha_total",
    help: "Captchas: asked, passed, refused, unavailable; waited: clients that can't answer one",
    labelNames: ["kind", "outcome"],
    registers,
  });
  // From the start: what grows out of nothing is no increase to Prometheus.
  for (const outcome of ["sent", "failed", ...smsRefusals]) messages.inc({ outcome }, 0);

  async function timed<Result>(
    histogram: Histogram,
    labels: Record<string, string>,
    work: () => Promise<Result>,
    outcomeOf: (error: unknown) => string = () => "failed",
  ): Promise<Result> {
    const began = performance.now();
    let outcome = "ok";
    try {
      return await work();
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      histogram.observe({ ...labels, outcome }, (performance.now() - began) / 1000);
    }
  }

  return {
    registry,
    kv(kv) {
      const verb = <Result>(name: string, work: () => Promise<Result>) =>
        timed(kvSeconds, { verb: name }, work, (error) =>
          error instanceof AppError && error.code === "unavailable" ? "unavailable" : "failed",
        );
      return {
        get: (key) => verb("get", () => kv.get(key)),
        set: (key, value, ttl) => verb("set", () => kv.set(key, value, ttl)),
        add: (key, value, ttl) => verb("add", () => kv.add(key, value, ttl)),
        take: (key) => verb("take", () => kv.take(key)),
        increment: (key, options) => verb("increment", () => kv.increment(key, options)),
        delete: (key) => verb("delete", () => kv.delete(key)),
        batch: (operations) => verb("batch", () => kv.batch(operations)),
        probe: () => kv.probe(),
        close: () => kv.close(),
      };
    },
    smsCode: (country, purpose, stage) => smsCodes.inc({ country, purpose, stage }),
    captcha: (kind, outcome) => captchas.inc({ kind, outcome }),
    mailer: (mailer) => ({
      ...mailer,
      async send(message, signal) {
        try {
          const receipt = await mailer.send(message, signal);
          mails.inc({ outcome: "sent" });
          return receipt;
        } catch (error) {
          mails.inc({ outcome: error instanceof PermanentFailure ? "refused" : "failed" });
          throw error;
        }
      },
    }),
    sms: (sender) => ({
      ...sender,
      async send(message, signal) {
        try {
          const receipt = await sender.send(message, signal);
          messages.inc({ outcome: "sent" });
          return receipt;
        } catch (error) {
          messages.inc({ outcome: error instanceof SmsRefused ? error.refusal : "failed" });
          throw error;
        }
      },
    }),
    definitions: (definitions) =>
      definitions.map((definition) => ({
        ...definition,
        handler: (payload, run) =>
          timed(jobSeconds, { job: definition.name }, () => definition.handler(payload, run)),
      })),
    observe({ api, db, jobs, logIns, hashing, load, events, webhooks, webhookEndpoints }) {
      api.addHook("onResponse", (request, reply, done) => {
        const route = request.routeOptions.url ?? "(none)";
        http.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
        done();
      });
      const gauge = (
        name: string,
        help: string,
        labelNames: string[],
        collect: (this: Gauge) => unknown,
        aggregator: "sum" | "max" = "sum",
      ) => new Gauge({ name, help, labelNames, aggregator, collect: collect as () => void, registers });
      gauge("meiduo_database_connections", "Connections, and callers waiting", ["state"], function () {
        for (const [state, count] of Object.entries(db.stats())) this.set({ state }, count);
      });
      gauge("meiduo_hashing", "Password hashes by state", ["state"], function () {
        for (const [state, count] of Object.entries(hashing())) this.set({ state }, count);
      });
      gauge(
        "meiduo_requests",
        "Requests held, and refused for overload since the start",
        ["state"],
        function () {
          for (const [state, count] of Object.entries(load())) this.set({ state }, count);
        },
      );
      gauge("meiduo_log_ins", "Log-ins by outcome since the start", ["outcome"], function () {
        const { byWay, refused, throttled } = logIns();
        const succeeded = Object.values(byWay).reduce((sum, count) => sum + count, 0);
        for (const [outcome, count] of Object.entries({ succeeded, refused, throttled }))
          this.set({ outcome }, count);
      });
      gauge("meiduo_log_ins_by_way", "Log-ins that succeeded since the start, by way", ["how"], function () {
        for (const [how, count] of Object.entries(logIns().byWay)) this.set({ how }, count);
      });
      gauge("meiduo_events", "Events since the start, by name", ["event"], function () {
        for (const [event, count] of Object.entries(events())) this.set({ event }, count);
      });
      gauge("meiduo_webhooks", "Webhook deliveries since the start, by outcome", ["outcome"], function () {
        for (const [outcome, count] of Object.entries(webhooks())) this.set({ outcome }, count);
      });
      // Every process counts the same queue, so their numbers must not be added up.
      const shared = "max" as const;
      gauge(
        "meiduo_jobs",
        `Jobs by state, of all processes; on the embedded default at most ${mostJobsCounted}`,
        ["state"],
        async function () {
          // While the queue is away the number is missing, which an alert sees; a scrape must not fail over it.
          const counts = await jobs.counts(mostJobsCounted).catch(() => null);
          if (counts === null) return this.reset();
          for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
        },
        shared,
      );
      const ofEndpoints = "Webhook endpoints by state, of the whole site";
      const states = async function (this: Gauge) {
        const found = await webhookEndpoints().catch(() => null);
        if (found === null) return this.reset();
        for (const [state, count] of Object.entries(found)) this.set({ state }, count);
      };
      gauge("meiduo_webhook_endpoints", ofEndpoints, ["state"], states, shared);
    },
  };
}

export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly ofApiProcesses: boolean;
  /** What is wrong with a request's Host, if anything; see http/host-check.ts. */
  readonly judgeHost: (request: IncomingMessage) => "bad_request" | "host_not_allowed" | null;
}

/** A scrape must not hold SQLite up: counting 300,000 finished jobs took a fifth of a second. */
const mostJobsCounted = 10_000;

/**
 * Serves `/metrics`. With several API processes that is the sum of theirs, and `/metrics/primary` this
 * process's own. Attack: a stranger's page whose own name suddenly leads here reads the numbers; `judgeHost` says what
 * is wrong with a request's Host, and 400 or 421 answers it (guard: api/metrics-host.test.ts).
 */
export async function serveMetrics(
  own: Registry,
  { host, port, ofApiProcesses, judgeHost }: MetricsServerOptions,
): Promise<Server> {
  const cluster = ofApiProcesses ? new AggregatorRegistry() : null;
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    // Whoever opens it in a browser sees text, whatever is in a label (guard: node-answers.test.ts).
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader(
      "content-security-policy",
      "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    );
    const refusal = judgeHost(request);
    if (refusal !== null) {
      const { status, zh, en } = errorCodes[refusal];
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
      // The name came from outside, and is nothing to answer with.
      return void response.end(fillText(`${zh}\n${en}\n`, { host: "…" }));
    }
    const read = () => {
      if (request.url === "/metrics") return cluster ? cluster.clusterMetrics() : own.metrics();
      if (request.url === "/metrics/primary" && cluster) return own.metrics();
      return null;
    };
    const text = read();
    if (!text) return void response.writeHead(404).end();
    text.then(
      (body) => response.writeHead(200, { "content-type": own.contentType }).end(body),
      () => response.writeHead(503).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

/** In an API process: lets the process that serves `/metrics` ask for this one's numbers. */
export function shareMetrics(own: Registry): void {
  AggregatorRegistry.setRegistries([own]);
  new AggregatorRegistry();
}
