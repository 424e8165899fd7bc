/** `Promise.withResolvers`, which node-av calls and Node 20 lacks. */
export function polyfillWithResolvers(): void {
  if ('withResolvers' in Promise) return;
  Object.defineProperty(Promise, 'withResolvers', {
    configurable: true,
    writable: true,
    value: () => {
      let resolve: (value: unknown) => void = () => undefined;
      let reject: (reason: unknown) => void = () => undefined;
      const promise = new Promise((yes, no) => {
        resolve = yes;
        reject = no;
      });
      return { promise, resolve, reject };
    },
  });
}
