import type { FastifyBaseLogger, FastifyRequest } from "fastify";

type Line = readonly unknown[];

/**
 * The log of one request, whose lines carry its id. It is made with the first line: hardly any request writes one, and making it
 * costs as much as routing does.
 */
class RequestLog implements Record<keyof FastifyBaseLogger, unknown> {
  readonly log: FastifyBaseLogger;
  readonly request: FastifyRequest;
  own: FastifyBaseLogger | null = null;

  constructor(log: FastifyBaseLogger, request: FastifyRequest) {
    this.log = log;
    this.request = request;
  }

  get level(): string {
    return this.log.level;
  }
  child(...how: Parameters<FastifyBaseLogger["child"]>): FastifyBaseLogger {
    return this.made().child(...how);
  }
  fatal(...line: Line): void {
    this.write("fatal", line);
  }
  error(...line: Line): void {
    this.write("error", line);
  }
  warn(...line: Line): void {
    this.write("warn", line);
  }
  info(...line: Line): void {
    this.write("info", line);
  }
  debug(...line: Line): void {
    this.write("debug", line);
  }
  trace(...line: Line): void {
    this.write("trace", line);
  }
  silent(): void {}

  private made(): FastifyBaseLogger {
    this.own ??= this.log.child({ reqId: this.request.id, ...callersId(this.request) });
    return this.own;
  }

  private write(level: "fatal" | "error" | "warn" | "info" | "debug" | "trace", line: Line): void {
    const own = this.made();
    Reflect.apply(own[level], own, line);
  }
}

export function requestLog(log: FastifyBaseLogger, request: FastifyRequest): FastifyBaseLogger {
  return new RequestLog(log, request);
}

/** What the caller or a proxy calls the request, where it may be in a log. */
function callersId({ headers }: FastifyRequest): { callerRequestId?: string } {
  const callers = headers["x-request-id"];
  return typeof callers === "string" && /^[\w-]{8,64}$/.test(callers) ? { callerRequestId: callers } : {};
}
