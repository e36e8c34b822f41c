import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { JobDefinition } from "../engines/jobs/jobs.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import type { RequestHooks } from "./request-hooks.ts";

/**
 * Traces for an OpenTelemetry collector: one span per request, below it those of the key-value store; one per
 * run of a job, below it that of the mail. A `traceparent` header (W3C Trace Context) of the proxy is
 * continued. Names and attributes are routes and verbs of ours: no address, code or token is ever in a trace.
 * Loaded only when OTEL_EXPORTER_OTLP_ENDPOINT is set. The three packages it needs, and not sdk-node, which
 * brings 350 MB of instrumentations.
 */
export interface Tracing {
  addTo(api: RequestHooks): void;
  kv(kv: KeyValue): KeyValue;
  mailer(mailer: Mailer): Mailer;
  definitions(definitions: readonly JobDefinition[]): JobDefinition[];
  /** Sends what is left. */
  close(): Promise<void>;
}

export function createTracing(collectorUrl: string): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${collectorUrl}/v1/traces`, timeoutMillis: 3000 });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "meiduo-accounts" }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer("meiduo-accounts");
  const current = new AsyncLocalStorage<Context>();

  function end(span: Span, error?: unknown): void {
    // The error's name only: its text may quote somebody's address.
    const message = error instanceof Error ? error.name : "error";
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message });
    span.end();
  }

  async function within<Result>(name: string, kind: SpanKind, work: () => Promise<Result>): Promise<Result> {
    const parent = current.getStore() ?? ROOT_CONTEXT;
    const span = tracer.startSpan(name, { kind }, parent);
    try {
      const result = await current.run(trace.setSpan(parent, span), work);
      end(span);
      return result;
    } catch (error) {
      end(span, error);
      throw error;
    }
  }

  return {
    addTo(api) {
      const spans = new WeakMap<object, Span>();
      api.addHook("onRequest", (request, _reply, done) => {
        const parent = remoteParent(request.headers.traceparent);
        const route = request.routeOptions.url ?? "(none)";
        const attributes = { "http.request.method": request.method, "http.route": route };
        const name = `${request.method} ${route}`;
        const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
        spans.set(request, span);
        current.run(trace.setSpan(parent, span), done);
      });
      api.addHook("onResponse", (request, reply, done) => {
        const span = spans.get(request);
        span?.setAttribute("http.response.status_code", reply.statusCode);
        if (span && reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span?.end();
        done();
      });
    },
    kv(kv) {
      const verb = <Result>(name: string, work: () => Promise<Result>) =>
        within(`kv ${name}`, SpanKind.CLIENT, work);
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
    mailer: (mailer) => ({
      ...mailer,
      send: (message, signal) => within("mail", SpanKind.CLIENT, () => mailer.send(message, signal)),
    }),
    definitions: (definitions) =>
      definitions.map((definition) => ({
        ...definition,
        handler: (payload, run) =>
          within(`job ${definition.name}`, SpanKind.CONSUMER, () => definition.handler(payload, run)),
      })),
    async close() {
      // A collector that is away must not keep a process from ending.
      await provider.shutdown().catch(() => {});
    },
  };
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
function remoteParent(header: string | string[] | undefined): Context {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(String(header ?? ""));
  if (!match || /^0+$/.test(match[1] ?? "") || /^0+$/.test(match[2] ?? "")) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: match[1] as string,
    spanId: match[2] as string,
    traceFlags: Number.parseInt(match[3] as string, 16) & 1,
    isRemote: true,
  });
}
