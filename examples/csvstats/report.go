// SPDX-License-Identifier: Apache-2.0

package function

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

type report struct {
	Rows    int           `json:"rows"`
	Numbers []numberStats `json:"numbers"`
	Texts   []textStats   `json:"texts"`
}

type numberStats struct {
	Column  string   `json:"column"`
	Count   int      `json:"count"`
	Missing int      `json:"missing"`
	Min     float64  `json:"min"`
	Max     float64  `json:"max"`
	Mean    float64  `json:"mean"`
	Median  float64  `json:"median"`
	Stddev  *float64 `json:"stddev"` // of a sample; nothing when there is one value only
}

type textStats struct {
	Column   string      `json:"column"`
	Count    int         `json:"count"`
	Missing  int         `json:"missing"`
	Distinct int         `json:"distinct"`
	Top      []frequency `json:"top"`
}

type frequency struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// A column without any value counts as text.
func summarize(rows int, columns []column) report {
	result := report{Rows: rows, Numbers: []numberStats{}, Texts: []textStats{}}
	for i := range columns {
		if len(columns[i].numbers) > 0 {
			result.Numbers = append(result.Numbers, columns[i].numberStats())
		} else {
			result.Texts = append(result.Texts, columns[i].textStats())
		}
	}
	return result
}

func writeJSON(out io.Writer, result report) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(result)
}

func writeTable(out io.Writer, result report) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%d rows, %d columns\n", result.Rows, len(result.Numbers)+len(result.Texts))
	if len(result.Numbers) > 0 {
		rows := [][]string{{"number", "count", "missing", "min", "max", "mean", "median", "stddev"}}
		for _, s := range result.Numbers {
			stddev := "-"
			if s.Stddev != nil {
				stddev = rounded(*s.Stddev)
			}
			rows = append(rows, []string{s.Column, strconv.Itoa(s.Count), strconv.Itoa(s.Missing), exact(s.Min), exact(s.Max),
				rounded(s.Mean), exact(s.Median), stddev})
		}
		align(&text, rows)
	}
	if len(result.Texts) > 0 {
		rows := [][]string{{"text", "count", "missing", "distinct", "most frequent"}}
		for _, s := range result.Texts {
			top := make([]string, 0, len(s.Top))
			for _, f := range s.Top {
				top = append(top, fmt.Sprintf("%s (%d)", f.Value, f.Count))
			}
			rows = append(rows, []string{s.Column, strconv.Itoa(s.Count), strconv.Itoa(s.Missing), strconv.Itoa(s.Distinct),
				strings.Join(top, ", ")})
		}
		align(&text, rows)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func exact(value float64) string {
	if math.Abs(value) >= 1e15 {
		return strconv.FormatFloat(value, 'g', -1, 64)
	}
	return strconv.FormatFloat(value, 'f', -1, 64)
}

func rounded(value float64) string {
	if math.Abs(value) >= 1e15 {
		return strconv.FormatFloat(value, 'g', 6, 64)
	}
	return strconv.FormatFloat(value, 'f', 2, 64)
}

// align writes a blank line and the rows: names to the left, figures to the right, a last column of text as it is.
func align(out *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			if n := utf8.RuneCountInString(cell); n > widths[i] {
				widths[i] = n
			}
		}
	}
	out.WriteByte('\n')
	for _, row := range rows {
		fmt.Fprintf(out, "%-*s", widths[0], row[0])
		for i := 1; i < len(row); i++ {
			if rows[0][i] == "most frequent" {
				fmt.Fprintf(out, "  %s", row[i])
			} else {
				fmt.Fprintf(out, "  %*s", widths[i], row[i])
			}
		}
		out.WriteByte('\n')
	}
}
