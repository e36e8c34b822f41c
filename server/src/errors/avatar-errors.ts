/** Errors of pictures of people; a part of the registry (error-codes.ts). */
export const avatarErrors = {
  picture_unreadable: {
    status: 400,
    shape: "message",
    zh: "无法读取这张图片。请使用 JPEG、PNG、WebP 或 GIF。",
    en: "This picture can’t be read. Use a JPEG, PNG, WebP or GIF.",
  },
  picture_too_large: {
    status: 400,
    shape: "message",
    zh: "图片过大，像素不得超过 2500 万。",
    en: "The picture is too large: it may have 25 million pixels.",
  },
  picture_too_small: {
    status: 400,
    shape: "message",
    zh: "图片过小，边长至少 16 像素。",
    en: "The picture is too small: each side has at least 16 pixels.",
  },
  picture_not_there: {
    status: 400,
    shape: "message",
    zh: "这个第三方账号没有可用的头像。",
    en: "This third-party account has no picture that can be used.",
  },
  picture_store_away: {
    status: 503,
    shape: "message",
    zh: "暂时无法保存图片，请稍后再试。",
    en: "Pictures can’t be stored at the moment. Try again later.",
  },
} as const;
