/** Where a command writes, and how. */
export interface Terminal {
  readonly stdout: { write(text: string): unknown };
  readonly color: boolean;
}
