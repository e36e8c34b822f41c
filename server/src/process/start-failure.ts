/**
 * One sentence, in both languages, for what keeps the product from starting; it says what to do. Anything
 * unforeseen is shown with its stack, which is then the useful thing.
 */
export function explainStartFailure(error: unknown): string {
  const { code, message, port, path, errcode, syscall, cause } = (error ?? {}) as {
    code?: string;
    message?: string;
    port?: number;
    path?: string;
    errcode?: number;
    syscall?: string;
    cause?: { code?: string };
  };
  if (code === "unavailable" && cause?.code === "ERR_SQLITE_ERROR") return explainStartFailure(cause);
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} is in use: stop what uses it, or choose another with API_PORT / WEB_PORT / METRICS_PORT. 端口 ${port} 已被占用：请停止占用它的程序，或用 API_PORT / WEB_PORT / METRICS_PORT 换一个端口。`;
    case "ENOENT":
      if (syscall !== "mkdir") return unforeseen(error);
      return `${path} can't be made there: set DATA_DIR to a folder that can be written. 无法在那里创建 ${path}：请把 DATA_DIR 设为可写的目录。`;
    case "ENOTDIR":
    case "EEXIST":
      return `${path ?? "DATA_DIR"} needs a folder, and a file stands there: move it away, or set DATA_DIR. ${path ?? "DATA_DIR"} 需要目录，但那里是一个文件：请移走该文件，或修改 DATA_DIR。`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return path === undefined && port !== undefined
        ? `Port ${port} may not be opened by this user: choose one above 1023. 当前用户无权使用端口 ${port}，请改用 1023 以上的端口。`
        : `The folder of ${path ?? "the data"} can't be written: change its owner, or set DATA_DIR. 无法写入 ${path ?? "数据目录"}：请修改权限，或设置 DATA_DIR。`;
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
      return "HOST is not an address of this machine. HOST 不是本机地址。";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "HOST is a name that leads to no address of this machine. HOST 是无法解析为本机地址的主机名。";
    case "ENOSPC":
      return "The disk is full: free some space and start again; nothing is lost. 磁盘已满：请清理空间后重新启动，数据没有丢失。";
    case "unavailable":
      return "The database or Redis can't be reached: start it, or check DATABASE_URL and REDIS_URL. 无法连接数据库或 Redis：请先启动它，或检查 DATABASE_URL 和 REDIS_URL。";
    case "08P01":
      return `What stands before the database refuses the connection (${message}): see "PgBouncer" in docs/scaling.md. 数据库前的连接池拒绝了连接（${message}）：请参阅 docs/scaling.md 中的 “PgBouncer”。`;
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return "The certificate of the database can't be verified: name its authority in DATABASE_URL (sslmode=verify-full&sslrootcert=/path/ca.crt). 无法验证数据库的证书：请在 DATABASE_URL 中用 sslrootcert 指定其 CA。";
    case "CERT_HAS_EXPIRED":
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "The certificate of the database has expired or is for another host name than the one in DATABASE_URL. 数据库的证书已过期，或不属于 DATABASE_URL 中的主机名。";
    case "ERR_SQLITE_ERROR":
      return explainSqlite(errcode ?? 0, message ?? "");
    default:
      return unforeseen(error);
  }
}

function unforeseen(error: unknown): string {
  return `Could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** Primary result codes: https://www.sqlite.org/rescode.html */
function explainSqlite(errcode: number, message: string): string {
  switch (errcode & 0xff) {
    case 5:
      return "The database is in use by another process that doesn't let go: stop the other start first. 数据库正被另一个进程占用：请先停止它。";
    case 8:
    case 14:
      return "The database can't be opened or written: check the permissions of DATA_DIR. 无法打开或写入数据库：请检查 DATA_DIR 的权限。";
    case 11:
    case 26:
      return "The database file is damaged or not a database. It was left as it is: restore a copy, or move it away and start with an empty one. 数据库文件已损坏或不是数据库，未作改动：请恢复备份，或将其移走后重新启动。";
    case 13:
      return "The disk is full: free some space and start again; nothing is lost. 磁盘已满：请清理空间后重新启动，数据没有丢失。";
    default:
      return `The database refused: ${message}`;
  }
}
