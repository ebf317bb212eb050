/** Whether `version` is in a range of comparators, as `>=0.27.0 <0.50.0`. Prereleases count as their release. */
export function isInRange(version: string, range: string): boolean {
  return range.split(/\s+/).every((comparator) => {
    const [, sign = '', bound = ''] = /^([<>]=?|)(.+)$/.exec(comparator) ?? [];
    const order = compareVersions(version, bound);
    if (sign === '>=') return order >= 0;
    if (sign === '<=') return order <= 0;
    if (sign === '>') return order > 0;
    return sign === '<' ? order < 0 : order === 0;
  });
}

/** Below 0, 0 or above 0, as `a` is before, at or after `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parts(version: string): readonly number[] {
  return (version.replace(/^v/, '').split(/[-+]/)[0] ?? '').split('.').map(Number);
}
