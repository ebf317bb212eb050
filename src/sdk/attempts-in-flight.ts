/** How many attempts that we record wait for their response at this moment. */
export const attemptsInFlight = {
  count: 0,

  add(): void {
    this.count += 1;
  },

  delete(): void {
    this.count -= 1;
  },
};
