/** What a program that this process starts gets of its environment: no secret, and nothing that changes with the machine's user. */
export function environmentOfPrograms(): { PATH: string; LANG: string; TZ?: string } {
  const { PATH = '/usr/bin:/bin', LANG = 'C.UTF-8', TZ } = process.env;
  return { PATH, LANG, ...(TZ ? { TZ } : {}) };
}
