/** Time that is given to work, and no more. */

/**
 * Resolves when the work is done, or at the deadline: whoever did not come is late, and goes on without us.
 *
 * @param deadline as of performance.now()
 */
export async function untilDeadline(work: Promise<unknown>, deadline: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
