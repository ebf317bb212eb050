import yoctoSpinner from 'yocto-spinner';

/** Says what is being done, where a person is looking. */
export interface Progress {
  start(text: string): void;
  stop(): void;
}

const SILENT: Progress = { start: () => {}, stop: () => {} };

/** A spinner on standard error where that and standard output are terminals; otherwise nothing. */
export function createProgress(): Progress {
  if (!process.stderr.isTTY || !process.stdout.isTTY) return SILENT;
  const spinner = yoctoSpinner({ stream: process.stderr });
  return {
    start: (text) => void spinner.start(text),
    stop: () => void spinner.stop(),
  };
}
