import type { LogFormat } from "../kernel/readable-log.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { choice, integer, webAddress } from "../kernel/settings/variable.ts";

/** What operators see of a running process. */
export interface ObservabilitySettings {
  readonly logLevel: string;
  readonly logFormat: LogFormat;
  /** 0: off. */
  readonly metricsPort: number;
  /** Empty: off. */
  readonly tracesUrl: string;
}

export const observabilitySettings = defineSettings({
  variables: {
    LOG_LEVEL: choice("info", ["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
      zh: "日志级别。",
      en: "Log level.",
    }),
    LOG_FORMAT: choice("auto", ["auto", "json", "text"], {
      zh: "日志格式：json 每行一个对象；text 供人阅读；auto 在终端上为 text，否则为 json。设置 NO_COLOR 则不用颜色。",
      en: "The log's format: json is one object a line, text is for people, auto is text on a terminal and json elsewhere. NO_COLOR turns colours off.",
    }),
    METRICS_PORT: integer(
      0,
      { min: 0, max: 65_535 },
      {
        fallbackText: "(off)",
        zh: "Prometheus 指标 /metrics 的端口，0 表示关闭。可用任意地址、本机名和 ALLOWED_HOSTS 中的名称访问，其余的回答 421。",
        en: "Port of Prometheus' /metrics; 0 turns it off. It answers under any address, the machine's own name and those of ALLOWED_HOSTS; others are answered 421.",
      },
    ),
    OTEL_EXPORTER_OTLP_ENDPOINT: webAddress("", {
      fallbackText: "(off)",
      zh: "OpenTelemetry 收集器地址（OTLP/HTTP），设置后发送链路追踪。",
      en: "Address of an OpenTelemetry collector (OTLP over HTTP); when set, traces are sent.",
    }),
  },
  settings: (env): ObservabilitySettings => ({
    logLevel: env.LOG_LEVEL,
    logFormat: env.LOG_FORMAT,
    metricsPort: env.METRICS_PORT,
    tracesUrl: env.OTEL_EXPORTER_OTLP_ENDPOINT,
  }),
});
