/** Errors of accounts that must have a second factor; a part of the registry (error-codes.ts). */
export const enrolmentErrors = {
  second_factor_enrolment_required: {
    status: 403,
    shape: "message",
    zh: "这个账号必须开启两步验证：请在 {site} 登录并完成设置。",
    en: "This account must have a second factor. Log in at {site} to set it up.",
  },
  second_factor_overdue: {
    status: 401,
    shape: "detail",
    zh: "这个账号必须开启两步验证：请重新登录并完成设置。",
    en: "This account must have a second factor. Log in again to set it up.",
  },
  second_factor_kept: {
    status: 400,
    shape: "message",
    zh: "这个账号必须开启两步验证，不能关闭。",
    en: "This account must have a second factor: it can't be switched off.",
  },
  second_factor_setup_ended: {
    status: 400,
    shape: "message",
    zh: "等待太久或已经用过，请重新开始设置。",
    en: "That took too long, or was used already. Please begin again.",
  },
  simplejwt_enrolment: {
    status: 401,
    shape: "detail",
    simplejwt: true,
    zh: "这个账号必须开启两步验证：请在 {site} 登录并完成设置。",
    en: "This account must have a second factor. Log in at {site} to set it up.",
  },
} as const;
