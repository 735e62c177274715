import { open, rm, stat, utimes } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

/** A lock that its owner has not touched for so long has no owner any more, milliseconds. */
const STALE = 10_000;
const TOUCHED_EVERY = 1_000;
const ASKED_EVERY = 50;

/**
 * Does the work while no other process that asks for the same lock does.
 *
 * The lock only saves work done twice: should two take over a dead owner's lock at one moment, the
 * digest of what they wrote together tells.
 *
 * @param lock path of a file that exists while somebody works
 */
export async function withLock<T>(
  lock: string,
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  while (!(await create(lock))) {
    const touched = await stat(lock).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    );
    if (Date.now() - touched > STALE) await rm(lock, { force: true });
    else await pause(ASKED_EVERY, undefined, signal ? { signal } : {});
  }
  const touching = setInterval(() => {
    const now = new Date();
    utimes(lock, now, now).catch(() => {});
  }, TOUCHED_EVERY);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    await rm(lock, { force: true });
  }
}

/** Whether it was not there before. */
async function create(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx")).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
