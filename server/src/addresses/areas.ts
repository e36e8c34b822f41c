/**
 * Provinces, cities and districts of China by their six digits in GB/T 2260: the data of the package @vant/area-data. A district's
 * first four digits are its city's, its first two its province's. Loaded at the first question, half a megabyte.
 */
export interface Area {
  readonly id: number;
  readonly name: string;
}

export interface Areas {
  readonly provinces: readonly Area[];
  /** Null for a number that is none. */
  find(id: number): (Area & { readonly subs: readonly Area[] }) | null;
}

const provinceOf = (id: number) => id - (id % 10_000);
const cityOf = (id: number) => id - (id % 100);

/** Whether the three are one within the other. */
export function areNested(province: number, city: number, district: number): boolean {
  return provinceOf(city) === province && cityOf(district) === city && city !== province && district !== city;
}

let loading: Promise<Areas> | null = null;

export function openAreas(): Promise<Areas> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Areas> {
  const { areaList } = await import("@vant/area-data");
  const listOf = (names: Readonly<Record<string, string>>): Area[] =>
    Object.entries(names).map(([id, name]) => ({ id: Number(id), name }));
  const provinces = listOf(areaList.province_list);
  const cities = listOf(areaList.city_list);
  const districts = listOf(areaList.county_list);
  const citiesOf = Map.groupBy(cities, ({ id }) => provinceOf(id));
  const districtsOf = Map.groupBy(districts, ({ id }) => cityOf(id));
  const known = new Map<number, Area & { readonly subs: readonly Area[] }>([
    ...provinces.map((one) => [one.id, { ...one, subs: citiesOf.get(one.id) ?? [] }] as const),
    ...cities.map((one) => [one.id, { ...one, subs: districtsOf.get(one.id) ?? [] }] as const),
    ...districts.map((one) => [one.id, { ...one, subs: [] }] as const),
  ]);
  return { provinces, find: (id) => known.get(id) ?? null };
}
