// SPDX-License-Identifier: Apache-2.0

package function

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

func answer(t *testing.T, query, body string) (string, error) {
	t.Helper()
	t.Setenv("Http_Query", query)
	var out bytes.Buffer
	err := Handle(strings.NewReader(body), &out)
	return out.String(), err
}

func statistics(t *testing.T, body string) report {
	t.Helper()
	text, err := answer(t, "format=json", body)
	if err != nil {
		t.Fatal(err)
	}
	var result report
	if err := json.Unmarshal([]byte(text), &result); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return result
}

func TestNumbersAndTextsAreToldApart(t *testing.T) {
	got := statistics(t, "name,size\nb,2\na,4\nb,4\nb,\nc,10\n")
	if got.Rows != 5 || len(got.Numbers) != 1 || len(got.Texts) != 1 {
		t.Fatalf("got %+v", got)
	}
	n := got.Numbers[0]
	// mean 5, deviations -3 -1 -1 5: 36/3 = 12
	if n.Count != 4 || n.Missing != 1 || n.Min != 2 || n.Max != 10 || n.Mean != 5 || n.Median != 4 {
		t.Errorf("got %+v", n)
	}
	if n.Stddev == nil || math.Abs(*n.Stddev-math.Sqrt(12)) > 1e-12 {
		t.Errorf("got stddev %v", n.Stddev)
	}
	x := got.Texts[0]
	if x.Count != 5 || x.Distinct != 3 || x.Top[0] != (frequency{"b", 3}) || x.Top[1] != (frequency{"a", 1}) {
		t.Errorf("got %+v", x)
	}
}

func TestTableIsAligned(t *testing.T) {
	got, err := answer(t, "", "name,size\nb,2\na,4\n")
	want := `2 rows, 2 columns

number  count  missing  min  max  mean  median  stddev
size        2        0    2    4  3.00       3    1.41

text  count  missing  distinct  most frequent
name      2        0         2  a (1), b (1)
`
	if err != nil || got != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
	}
}

func TestAColumnWithALateTextIsText(t *testing.T) {
	got := statistics(t, "id\n1\n1.50\nA3\n1.5\n")
	if len(got.Numbers) != 0 || got.Texts[0].Distinct != 3 || got.Texts[0].Top[0] != (frequency{"1.5", 2}) {
		t.Errorf("got %+v", got)
	}
}

func TestOneValueHasNoDeviation(t *testing.T) {
	if got := statistics(t, "n\n7\n"); got.Numbers[0].Stddev != nil || got.Numbers[0].Median != 7 {
		t.Errorf("got %+v", got.Numbers[0])
	}
}

func TestLookalikesAreNotNumbers(t *testing.T) {
	for _, field := range []string{"0x10", "1_000", "Infinity", "-inf", "1,5", "12 kg", "1e999"} {
		if _, ok := number(field); ok {
			t.Errorf("%q was taken for a number", field)
		}
	}
}

func TestAHeaderWithoutRowsIsAnAnswer(t *testing.T) {
	if got := statistics(t, "\ufeffa,b\n"); got.Rows != 0 || got.Texts[0].Column != "a" || got.Texts[1].Count != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"too few fields", "a,b\n1,2\n3\n", "line 3"},
		{"too many fields", "a,b\n1,2,3\n", "line 2"},
		{"a quote inside", "a,b\n1,2\nx\"y,4\n", "line 3"},
		{"an open quote", "a,b\n\"1,2\n", "line 2"},
		{"nothing at all", "", "line 1"},
	} {
		if _, err := answer(t, "", c.body); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	if _, err := answer(t, "format=xml", "a\n1\n"); err == nil || !strings.Contains(err.Error(), `"xml"`) {
		t.Errorf("got %v", err)
	}
}

func TestTheShippedFile(t *testing.T) {
	file, err := os.ReadFile("packages.csv")
	if err != nil {
		t.Fatal(err)
	}
	got := statistics(t, string(file))
	if want := bytes.Count(file, []byte("\n")) - 1; got.Rows != want || want < 10000 {
		t.Errorf("got %d rows, want %d", got.Rows, want)
	}
	if len(got.Numbers) != 2 || len(got.Texts) != 3 || got.Texts[0].Distinct != got.Rows {
		t.Errorf("got %+v", got)
	}
}
