/** Errors of what other programs are told; a part of the registry (error-codes.ts). */
export const webhookErrors = {
  webhook_rotating: {
    status: 400,
    shape: "message",
    zh: "该接收地址有两个密钥同时有效，较旧的到 {until}（UTC）失效；若密钥已泄露，请选择立即停用旧密钥。",
    en: "Two secrets sign for this endpoint already; the older one ends at {until} (UTC). After a leak, end it at once.",
  },
} as const;
