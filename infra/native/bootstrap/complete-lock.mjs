/**
 * npm leaves the optional packages of other platforms out of a lock file that was made beside an existing node_modules, and then
 * `npm ci` refuses that file ("Missing: … from lock file", npm issue 4828). This adds the missing entries: version from the
 * package that asks for it, platform from its own name, so that every machine skips the ones that are not for it.
 */

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openbsd', 'netbsd', 'sunos', 'win32', 'windows'];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el', 'wasm32'];

/**
 * The platform that a package of native code is for, read from its name.
 * @param {string} name for example `@biomejs/cli-linux-x64-musl`
 * @returns {{ os?: string[], cpu?: string[], libc?: string[] }} empty when the name says nothing
 */
export function platformOf(name) {
  const words = name.split('/').pop()?.split(/[-.]/) ?? [];
  const system = words.find((word) => SYSTEMS.includes(word));
  const processor = words.find((word) => PROCESSORS.includes(word) || /^arm(eabi|eabihf|v7)/.test(word));
  const platform = {};
  if (system) platform.os = [system === 'windows' ? 'win32' : system];
  if (processor) platform.cpu = [/^arm(?!64)/.test(processor) ? 'arm' : processor];
  if (words.includes('musl')) platform.libc = ['musl'];
  else if (system === 'linux' && (words.includes('gnu') || words.includes('glibc'))) platform.libc = ['glibc'];
  return platform;
}

/**
 * @param {{ packages: Record<string, any> }} lock a parsed package-lock.json, lockfileVersion 2 or 3; not changed
 * @returns {{ lock: object, added: string[] }} a complete copy, and the paths that were added
 */
export function completeLock(lock) {
  const packages = { ...lock.packages };
  const added = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isResolved(packages, path, name)) continue;
      const platform = platformOf(name);
      if (!platform.os && !platform.cpu) continue; // not a platform's package: npm must judge it
      packages[`node_modules/${name}`] = { version: range.replace(/^[\^~=v]+/, ''), optional: true, ...platform };
      added.push(`node_modules/${name}`);
    }
  }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  return { lock: { ...lock, packages: sorted }, added };
}

/** Node's own look-up: the package's node_modules, then each folder above it. */
function isResolved(packages, from, name) {
  for (let at = from; ; at = at.replace(/\/?(node_modules\/)?(@[^/]+\/)?[^/]+$/, '')) {
    if (packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}
