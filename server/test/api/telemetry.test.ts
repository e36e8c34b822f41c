import { createServer } from "node:http";
import { expect, test } from "vitest";
import { startTestApp } from "../support/test-app.ts";

test("/metrics counts requests, kv operations, jobs and mails, and names nobody", async () => {
  const running = await startTestApp({ env: { METRICS_PORT: "9464" } });
  await running.codeFor("watched@example.com");
  await running.anonymous({ url: "/users/usernames/nobody/count/" });
  const text = (await running.app.metrics?.registry.metrics()) ?? "";
  expect(text).toMatch(
    /meiduo_http_request_seconds_count\{method="GET",route="\/users\/usernames\/:username\/count\/",status="200"\} 1/,
  );
  expect(text).toMatch(/meiduo_kv_operation_seconds_count\{verb="batch",outcome="ok"\} [1-9]/);
  expect(text).toMatch(/meiduo_job_run_seconds_count\{job="[^"]+",outcome="ok"\} 1/);
  expect(text).toContain('meiduo_mails_total{outcome="sent"} 1');
  expect(text).toContain('meiduo_jobs{state="dead"} 0');
  expect(text).toMatch(/meiduo_hashing\{state="finished"\} \d/);
  expect(text).toMatch(/meiduo_log_ins\{outcome="refused"\} \d/);
  expect(text).toMatch(/meiduo_database_connections\{state="open"\} \d/);
  expect(text).not.toMatch(/watched|nobody/);
  await running.close();
});

test("traces go to the collector: request, kv, job and mail, continuing the proxy's trace, naming nobody", async () => {
  const received: string[] = [];
  const collector = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      received.push(`${request.url} ${body}`);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  const { port } = collector.address() as { port: number };
  const running = await startTestApp({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
  });
  await running.codeFor("traced@example.com");
  const trace = "0af7651916cd43dd8448eb211c80319c";
  await running.anonymous({
    url: "/users/usernames/nobody/count/",
    headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` },
  });
  await running.close();
  const text = received.join("\n");
  expect(text).toContain("/v1/traces ");
  for (const name of ["GET /users/usernames/:username/count/", "kv batch", '"mail"', "job ", trace]) {
    expect(text).toContain(name);
  }
  expect(text).not.toMatch(/traced@|nobody/);
  await new Promise((resolve) => collector.close(resolve));
});

test("a collector that is away neither slows answers nor keeps the process from ending", async () => {
  const running = await startTestApp({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" } });
  expect((await running.anonymous({ url: "/users/usernames/nobody/count/" })).statusCode).toBe(200);
  const began = performance.now();
  await running.close();
  expect(performance.now() - began).toBeLessThan(15_000);
});
