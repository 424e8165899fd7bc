/**
 * Lets many who ask for the same thing at the same time share one read, without ever giving anyone an answer that is older
 * than the question: who asks while a read is running waits for the next one. A storm of joins costs two reads.
 */
export function shareReads<Value>(read: (key: string) => Promise<Value>): (key: string) => Promise<Value> {
  type Lane = { running: Promise<Value>; next: Promise<Value> | null };
  const lanes = new Map<string, Lane>();

  const start = (key: string): Promise<Value> => {
    const lane: Lane = { running: read(key), next: null };
    lanes.set(key, lane);
    const finish = () => {
      if (lanes.get(key) === lane && lane.next === null) lanes.delete(key);
    };
    lane.running.then(finish, finish);
    return lane.running;
  };

  return (key) => {
    const lane = lanes.get(key);
    if (!lane) return start(key);
    lane.next ??= lane.running.then(
      () => start(key),
      () => start(key),
    );
    return lane.next;
  };
}
