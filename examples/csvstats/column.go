// SPDX-License-Identifier: Apache-2.0

package function

import (
	"math"
	"sort"
	"strconv"
	"strings"
)

// column holds numbers as long as all its values are numbers, and counts of texts from the first one that is not.
type column struct {
	name    string
	missing int
	numbers []float64
	texts   map[string]int
}

func isMissing(field string) bool {
	switch strings.ToLower(field) {
	case "", "na", "nan", "null":
		return true
	}
	return false
}

// number is stricter than ParseFloat: "Inf", "0x10" and "1_000" are texts.
func number(field string) (float64, bool) {
	if strings.ContainsAny(field, "xXpP_iI") {
		return 0, false
	}
	value, err := strconv.ParseFloat(field, 64)
	return value, err == nil
}

func (c *column) add(field string) {
	if isMissing(field) {
		c.missing++
		return
	}
	if c.texts == nil {
		if value, ok := number(field); ok {
			c.numbers = append(c.numbers, value)
			return
		}
		c.becomeText()
	}
	// A copy: the field shares its record's memory, which would stay as long as the map.
	if _, known := c.texts[field]; !known {
		field = strings.Clone(field)
	}
	c.texts[field]++
}

// becomeText keeps the numbers seen so far in their shortest form: in a column of mixed values 1.50 counts as 1.5.
func (c *column) becomeText() {
	c.texts = make(map[string]int)
	for _, value := range c.numbers {
		c.texts[strconv.FormatFloat(value, 'f', -1, 64)]++
	}
	c.numbers = nil
}

func (c *column) numberStats() numberStats {
	sort.Float64s(c.numbers)
	n := len(c.numbers)
	stats := numberStats{Column: c.name, Count: n, Missing: c.missing, Min: c.numbers[0], Max: c.numbers[n-1]}
	stats.Median = c.numbers[n/2]
	if n%2 == 0 {
		stats.Median = c.numbers[n/2-1]/2 + c.numbers[n/2]/2 // halves first: the sum could overflow
	}
	// Welford's method: no catastrophic cancellation when the mean is large and the spread small.
	squares := 0.0
	for i, value := range c.numbers {
		delta := value - stats.Mean
		stats.Mean += delta / float64(i+1)
		squares += delta * (value - stats.Mean)
	}
	if n > 1 {
		stddev := math.Sqrt(squares / float64(n-1))
		stats.Stddev = &stddev
	}
	return stats
}

func (c *column) textStats() textStats {
	stats := textStats{Column: c.name, Missing: c.missing, Distinct: len(c.texts), Top: []frequency{}}
	all := make([]frequency, 0, len(c.texts))
	for value, count := range c.texts {
		stats.Count += count
		all = append(all, frequency{value, count})
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].Count != all[j].Count {
			return all[i].Count > all[j].Count
		}
		return all[i].Value < all[j].Value
	})
	if len(all) > 3 {
		all = all[:3]
	}
	stats.Top = append(stats.Top, all...)
	return stats
}
